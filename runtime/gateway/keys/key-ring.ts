/**
 * The keys that are let in, as digests under a secret that this process made up: neither a dump of memory nor the time
 * that a comparison takes says anything of a key.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ApiKeys } from '../../contract/api-keys';

const PROCESS_SECRET = randomBytes(32);

/** Of a key, or of anything else that memory should not show. */
export const digestOf = (text: string): Buffer => createHmac('sha256', PROCESS_SECRET).update(text).digest();

/** A key of the secret, without the key. */
export interface KeyDigest {
  readonly id: string;
  readonly digest: Buffer;
}

export const digestsOf = (keys: ApiKeys): KeyDigest[] =>
  [...keys].flatMap(([id, list]) => list.map((key) => ({ id, digest: digestOf(key) })));

interface Entry extends KeyDigest {
  /** A poll has found the secret without it: the next one lets it go. */
  missed: boolean;
}

export class KeyRing {
  #entries: readonly Entry[] = [];

  /** The id of the key; every key is compared, whichever it is. */
  find(digest: Buffer): string | undefined {
    let found: string | undefined;
    for (const entry of this.#entries) if (timingSafeEqual(entry.digest, digest)) found = entry.id;
    return found;
  }

  /** Lets the keys of the secret in, beside those that it no longer has. */
  add(keys: readonly KeyDigest[]): void {
    const named = keys.map((key) => ({ ...key, missed: false }));
    const others = this.#entries.filter(({ digest }) => !named.some((entry) => entry.digest.equals(digest)));
    this.#entries = [...named, ...others];
  }

  /** Notes which keys a poll has found missing. */
  missAllBut(keys: readonly KeyDigest[]): void {
    for (const entry of this.#entries) entry.missed = !keys.some(({ digest }) => digest.equals(entry.digest));
  }

  /** Lets go what an earlier poll has missed and no read has found since. */
  letGo(): void {
    this.#entries = this.#entries.filter((entry) => !entry.missed);
  }
}
