/**
 * Lets a call pass that brings one of the API's keys, as `X-Api-Key` or as a bearer token, and remembers whose it was. A
 * missing key and an unknown one get the same answer but for its words, before any byte of the body is read. Of the two ways
 * `X-Api-Key` counts when both are taken, unless it is empty.
 */
import type { Call } from './call';
import { Errors } from './errors';
import type { ApiKeys } from './keys/api-keys';
import type { Metrics } from './metrics';

export class Authentication {
  constructor(
    private readonly keys: ApiKeys,
    private readonly metrics: Metrics,
  ) {}

  /** Throws, or rejects, unless the call may pass; only for an unknown key does that take time. */
  admit(call: Call): undefined | Promise<void> {
    this.#refuseUntilLoaded();
    const key = keyOf(call);
    if (key === undefined) throw Errors.unauthenticated('Send a key in the header X-Api-Key, or as a bearer token.');
    const id = this.keys.identify(key);
    if (id instanceof Promise) return id.then((found) => this.#pass(call, found));
    this.#pass(call, id);
    return undefined;
  }

  #refuseUntilLoaded(): void {
    const reason = this.keys.refusal;
    if (reason === undefined) return;
    this.metrics.unready(true);
    throw Errors.loading(reason);
  }

  #pass(call: Call, keyId: string | undefined): void {
    if (keyId === undefined) throw Errors.unauthenticated("The key is none of this API's keys.");
    call.keyId = keyId;
    this.metrics.keyUsed(keyId);
  }
}

/** An empty header, as a client without its variable sends it, is none. */
function keyOf(call: Call): string | undefined {
  const key = call.header('x-api-key');
  return key ? key : /^Bearer +(\S+) *$/i.exec(call.header('authorization') ?? '')?.[1];
}
