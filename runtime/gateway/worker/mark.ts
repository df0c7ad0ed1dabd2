/**
 * How far a worker has come: four bytes in a file that both map, in which the worker writes the highest id of a request
 * that it has begun. When a worker dies its frames are lost, and only this tells which of them had not been touched and
 * may be tried elsewhere. A frame to say so would cost as much as the request.
 */
import { closeSync, openSync, readSync, writeFileSync } from 'node:fs';

const BYTES = 4;

export class Mark {
  readonly #file: number;

  constructor(readonly path: string) {
    writeFileSync(path, Buffer.alloc(BYTES), { mode: 0o600 });
    this.#file = openSync(path, 'r');
  }

  /** Reads the mark for the last time; answers whether the worker had begun the request of an id. */
  settle(): (id: number) => boolean {
    const bytes = Buffer.alloc(BYTES);
    readSync(this.#file, bytes, 0, BYTES, 0);
    closeSync(this.#file);
    const highest = bytes.readUInt32LE(0);
    // As serial numbers, for ids begin anew after 2^32 of them.
    return (id) => highest !== 0 && ((id - highest) | 0) <= 0;
  }
}
