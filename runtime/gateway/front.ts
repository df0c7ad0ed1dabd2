/**
 * What the gateway needs of whoever speaks HTTP for it: exchanges come in, answers go out. There are two fronts
 * in `http/`, and every suite of limits, slow clients and smuggling runs over both.
 */
import type { Answer } from './answer';
import type { Call } from './call';
import type { Sampler } from './trace';

export interface FrontTimeouts {
  readonly keepAliveTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

export interface Front {
  /** Resolves to the port, which is another than asked for when that was 0. */
  listen(port: number, host: string): Promise<number>;
  /** Takes no more connections, answers every request on those there are, for `atMostMs`, and closes them. */
  close(atMostMs: number): Promise<void>;
}

export interface FrontHandler {
  /** Which traces are recorded; left out: those that callers record. */
  readonly sampler?: Sampler;
  answer(call: Call): Answer | Promise<Answer>;
  /** What every answer to this call says beside what the answer itself does. */
  headersFor?(call: Call): Readonly<Record<string, string>>;
  /** After the response has been written, or the caller has gone. */
  answered(call: Call, answer: Answer): void;
  /** After bytes that never became a call were answered. */
  refused(requestId: string, answer: Answer): void;
}
