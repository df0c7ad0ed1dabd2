/**
 * Callers that send one request after the other, each over a connection of its own which it renews now and then, as a
 * load balancer's connections come and go. They repeat nothing, and remember what became of each request.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection, type Outcome } from '../load/connection';

export interface Call {
  readonly nonce: string;
  readonly sentAt: number;
  readonly endedAt: number;
  /** 0: the connection broke, or none could be opened. */
  readonly status: number;
}

export interface CallersOptions {
  readonly port: number;
  readonly count: number;
  readonly pauseMs: number;
  /** One call in so many renews its connection; none, when left out. */
  readonly renewOneIn?: number;
  readonly bytes: (nonce: string) => Buffer;
}

export class Callers {
  readonly calls: Call[] = [];
  /** Off: connections that are there may be used, none is opened. */
  mayConnect = true;
  readonly #loops: Promise<void>[];
  #isOver = false;
  #sent = 0;

  constructor(private readonly options: CallersOptions) {
    this.#loops = Array.from({ length: options.count }, () => this.#loop());
  }

  get failed(): Call[] {
    return this.calls.filter(({ status }) => status !== 200);
  }

  /** Lets each one finish what it has sent. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#loops);
  }

  async #loop(): Promise<void> {
    let connection: Connection | undefined;
    while (!this.#isOver) {
      if (connection !== undefined && this.#isToRenew()) connection.destroy();
      if (connection?.isOpen !== true) {
        if (!this.mayConnect) return;
        connection = await this.#connect();
      }
      if (connection?.isOpen) await this.#call(connection);
      await sleep(this.options.pauseMs);
    }
    connection?.destroy();
  }

  /** Only where a new one may be opened, or callers would die out before the server has to. */
  #isToRenew(): boolean {
    const { renewOneIn } = this.options;
    return this.mayConnect && renewOneIn !== undefined && Math.random() * renewOneIn < 1;
  }

  async #connect(): Promise<Connection | undefined> {
    const sentAt = performance.now();
    try {
      return await Connection.open(this.options.port);
    } catch {
      this.calls.push({ nonce: '', sentAt, endedAt: performance.now(), status: 0 });
      return undefined;
    }
  }

  async #call(connection: Connection): Promise<void> {
    const nonce = `n${this.#sent++}`;
    const sentAt = performance.now();
    const { status }: Outcome = await connection.exchange(this.options.bytes(nonce));
    this.calls.push({ nonce, sentAt, endedAt: performance.now(), status });
  }
}
