/**
 * The keys of callers, kept as digests for as long as the secret has them and a little longer. It promises that a key of
 * the secret is let in, that one which was taken out is dead within a minute, and that no other key is called wrong before a
 * later read has said so; it does not know HTTP.
 *
 *     poll           poll           poll         every POLL_MS = 30 s
 *      | x removed    | missed       | let go    at the latest 2 x 30 s after its removal, at the earliest 30 s
 *                   x | removed      |           (24 s if that poll's read was 6 s late)
 *
 * A new key is let in at once, on every replica: an unknown key is refused only after a read that began later than its
 * request came. Such reads let keys in and never out, so that no caller can shorten another one's rotation. A key that
 * was missed is let go even if the secret cannot be read by then; one whose removal nobody could see lives on. A replica
 * that starts after a removal never knew the key, and refuses it from its first request.
 */
import { ApiKeysError, isApiKey, parseApiKeys } from '../../contract/api-keys';
import type { Deadlines } from '../deadline';
import { Errors } from '../errors';
import type { Log } from '../log';
import { StartError } from '../start-error';
import { FreshReads } from './fresh-reads';
import { digestOf, digestsOf, type KeyDigest, KeyRing } from './key-ring';
import { SecretNews } from './secret-news';

/** Resolves to the secret's text. */
export type ReadSecret = () => Promise<string>;

const POLL_MS = 30_000;

/** Requests with an unknown key that wait for a read; the body of each may fill a buffer of 64 KiB. */
export const MOST_WAITING = 1_000;

/** First reads, with pauses of 1, 2, 4, 8 and 16 s: a policy that was just attached needs some seconds. */
const FIRST_READS = 6;

export class ApiKeys {
  readonly #ring = new KeyRing();
  readonly #reads: FreshReads<readonly KeyDigest[] | undefined>;
  readonly #news: SecretNews;
  #isLoaded = false;
  #waiting = 0;

  constructor(
    arn: string,
    private readonly read: ReadSecret,
    private readonly deadlines: Deadlines,
    log: Log,
  ) {
    this.#reads = new FreshReads(() => this.#readOrTell(), deadlines);
    this.#news = new SecretNews(arn, log);
  }

  /** Why nobody can be let in, if so. */
  get refusal(): string | undefined {
    return this.#isLoaded ? undefined : 'The API keys have not been read yet.';
  }

  /** The first read, tried again until `giveUpAt`; then polls for as long as the process lives. */
  async load(giveUpAt: number): Promise<void> {
    for (let attempt = 1; !this.#isLoaded; attempt += 1) {
      const pauseMs = 1_000 * 2 ** (attempt - 1);
      const isLast = attempt === FIRST_READS || performance.now() + pauseMs >= giveUpAt;
      await this.#firstRead(isLast);
      if (!this.#isLoaded) await this.deadlines.wait(pauseMs);
    }
    setInterval(() => void this.#poll(), POLL_MS).unref();
  }

  /** The id of a key that is let in; undefined, perhaps after a read, for any other. Rejects when nobody can tell. */
  identify(key: string): string | undefined | Promise<string | undefined> {
    if (!isApiKey(key)) return undefined;
    const digest = digestOf(key);
    return this.#ring.find(digest) ?? this.#identifyAfresh(digest);
  }

  async #identifyAfresh(digest: Buffer): Promise<string | undefined> {
    if (this.#waiting >= MOST_WAITING) throw Errors.tooManyUnknownKeys();
    this.#waiting += 1;
    const keys = await this.#reads.next();
    this.#waiting -= 1;
    const id = this.#ring.find(digest);
    if (id === undefined && keys === undefined) throw Errors.keysUnreadable();
    return id;
  }

  async #poll(): Promise<void> {
    this.#ring.letGo();
    const keys = await this.#reads.next();
    if (keys !== undefined) this.#ring.missAllBut(keys);
  }

  async #firstRead(isLast: boolean): Promise<void> {
    try {
      this.#take(await this.read());
    } catch (error) {
      if (error instanceof ApiKeysError) throw new StartError(this.#news.explainInvalid(error));
      if (isLast) throw new StartError(this.#news.explainUnreadable(error));
      this.#news.unreadable(error);
    }
  }

  /** Whatever fails later costs nobody a key. */
  async #readOrTell(): Promise<readonly KeyDigest[] | undefined> {
    let text = '';
    try {
      text = await this.read();
      return this.#take(text);
    } catch (error) {
      if (error instanceof ApiKeysError) this.#news.invalid(text, error);
      else this.#news.unreadable(error);
      return undefined;
    }
  }

  #take(text: string): readonly KeyDigest[] {
    const keys = parseApiKeys(text);
    const digests = digestsOf(keys);
    this.#ring.add(digests);
    this.#isLoaded = true;
    this.#news.loaded(text, keys);
    return digests;
  }
}
