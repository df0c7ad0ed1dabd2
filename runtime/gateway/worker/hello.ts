/** How a conversation with a process of the worker's code begins: it says its protocol, and is told what to load. */
import { readJson } from './dispatch';
import { type Frame, ProtocolError } from './frames';

const PROTOCOL_VERSION = 2;

/** What is served. */
export interface HandlerSpec {
  readonly handlerDir: string;
  readonly entry: string;
  readonly config: object;
  readonly concurrency?: number;
}

export function checkHello({ body }: Frame): void {
  const { protocol } = readJson<{ protocol: number }>(body);
  if (protocol !== PROTOCOL_VERSION) throw new ProtocolError(`the worker speaks protocol ${protocol}`);
}

/** The body of START. */
export function startOf({ handlerDir, entry, config, concurrency }: HandlerSpec): object {
  return { handlerDir, entry, config, modelDir: handlerDir, concurrency: concurrency ?? null };
}
