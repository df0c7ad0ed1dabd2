/**
 * What a generator yields, on its way to the caller: pieces in order, then an end or an error, each told once. Whoever
 * writes pieces learns of each when it has been passed on, which is what holds a fast generator back for a slow reader;
 * so no more wait here than a worker has credit for.
 */
import type { ServingError } from './errors';

export interface StreamReader {
  /** `taken` is to be called when the piece has been passed on and another one is welcome. */
  piece(bytes: Buffer, taken: () => void): void;
  end(error?: ServingError): void;
}

type Event = (reader: StreamReader) => void;

export class OutputStream {
  /** What came before somebody read. */
  #waiting: Event[] = [];
  #reader?: StreamReader;
  #hasEnded = false;

  constructor(
    /** Raw bytes; otherwise JSON texts, each with a newline after it. */
    readonly isBytes: boolean,
  ) {}

  push(bytes: Buffer, taken: () => void): void {
    this.#tell((reader) => reader.piece(bytes, taken));
  }

  end(error?: ServingError): void {
    if (this.#hasEnded) return;
    this.#tell((reader) => reader.end(error));
    this.#hasEnded = true;
  }

  /** Tells the one reader everything, from the first piece on. */
  read(reader: StreamReader): void {
    this.#reader = reader;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const event of waiting) event(reader);
  }

  #tell(event: Event): void {
    if (this.#hasEnded) return;
    if (this.#reader === undefined) this.#waiting.push(event);
    else event(this.#reader);
  }
}

/** Everything it yields, joined; rejects with what ended it early, or when it is larger than `maxBytes`. */
export function collect(stream: OutputStream, maxBytes: number, tooLarge: () => ServingError): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let bytes = 0;
    stream.read({
      piece(piece, taken) {
        bytes += piece.length;
        if (bytes > maxBytes) return reject(tooLarge());
        pieces.push(piece);
        taken();
      },
      end: (error) => (error === undefined ? resolve(Buffer.concat(pieces)) : reject(error)),
    });
  });
}
