/**
 * The soak's load: callers that behave, callers that send nonsense, callers that leave before their answer, and now and
 * then a request that kills its worker. Every answer that its kind of caller must not get is counted.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '../load/connection';
import { bytesOf } from '../request';

interface Kind {
  readonly name: string;
  readonly callers: number;
  readonly pauseMs: number;
  readonly bytes: Buffer;
  /** Any other is unexpected. A death answers 502 to what its worker had begun; a worker that starts anew may shed. */
  readonly expects: readonly number[];
  /** Leaves after so long, without an answer. */
  readonly leavesAfterMs?: number;
}

export interface Tally {
  readonly answered: Readonly<Record<string, number>>;
  /** Such as `good: 500`, with how often. */
  readonly unexpected: Readonly<Record<string, number>>;
}

const AROUND_A_DEATH = [502, 503];

const PLAIN: readonly Kind[] = [
  { name: 'good', callers: 6, pauseMs: 4, bytes: body({ act: 'echo' }), expects: [200, ...AROUND_A_DEATH] },
  {
    name: 'large',
    callers: 1,
    pauseMs: 50,
    bytes: body({ act: 'echo', size: 50_000 }),
    expects: [200, ...AROUND_A_DEATH],
  },
  { name: 'raising', callers: 1, pauseMs: 30, bytes: body({ act: 'raise' }), expects: [500, ...AROUND_A_DEATH] },
  { name: 'invalid', callers: 1, pauseMs: 10, bytes: body({ act: 7 }), expects: [422] },
  { name: 'no JSON', callers: 1, pauseMs: 10, bytes: text('{"act": '), expects: [400] },
  { name: 'no route', callers: 1, pauseMs: 10, bytes: body({}, '/nowhere'), expects: [404] },
  { name: 'leaving', callers: 3, pauseMs: 10, bytes: body({ act: 'wait' }), expects: [], leavesAfterMs: 10 },
  { name: 'deadly', callers: 1, pauseMs: 20_000, bytes: body({ act: 'die' }), expects: [502, 503] },
];

const STREAMED: readonly Kind[] = [
  { name: 'stream', callers: 2, pauseMs: 20, bytes: body({ features: [1] }), expects: [200] },
  { name: 'leaving a stream', callers: 1, pauseMs: 20, bytes: body({ features: [1] }), expects: [], leavesAfterMs: 2 },
];

export class Mixture {
  readonly #answered: Record<string, number> = {};
  readonly #unexpected: Record<string, number> = {};
  readonly #loops: Promise<void>[];
  #isOver = false;

  constructor(port: number, streamPort?: number) {
    const plain = PLAIN.flatMap((kind) => this.#callers(kind, port));
    const streamed = streamPort === undefined ? [] : STREAMED.flatMap((kind) => this.#callers(kind, streamPort));
    this.#loops = [...plain, ...streamed];
  }

  get tally(): Tally {
    return { answered: this.#answered, unexpected: this.#unexpected };
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    // The deadly one sleeps long between its calls.
    await Promise.race([Promise.all(this.#loops), sleep(2_000)]);
  }

  #callers(kind: Kind, port: number): Promise<void>[] {
    return Array.from({ length: kind.callers }, () => this.#loop(kind, port));
  }

  async #loop(kind: Kind, port: number): Promise<void> {
    let connection: Connection | undefined;
    while (!this.#isOver) {
      await sleep(kind.pauseMs);
      try {
        if (connection?.isOpen !== true) connection = await Connection.open(port);
        await this.#call(kind, connection);
      } catch {
        count(this.#unexpected, `${kind.name}: no connection`);
      }
    }
    connection?.destroy();
  }

  async #call(kind: Kind, connection: Connection): Promise<void> {
    if (kind.leavesAfterMs !== undefined) {
      connection.send(kind.bytes, () => {});
      await sleep(kind.leavesAfterMs);
      connection.destroy();
      count(this.#answered, kind.name);
      return;
    }
    const { status } = await connection.exchange(kind.bytes);
    count(this.#answered, kind.name);
    if (!kind.expects.includes(status)) count(this.#unexpected, `${kind.name}: ${status || 'connection lost'}`);
  }
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

function body(value: object, path = '/predict'): Buffer {
  return text(JSON.stringify(value), path);
}

function text(content: string, path = '/predict'): Buffer {
  return bytesOf({ path, headers: { 'Content-Type': 'application/json' }, body: Buffer.from(content) });
}
