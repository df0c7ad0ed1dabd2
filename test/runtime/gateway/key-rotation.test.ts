/** Rotation: no caller is refused while keys change, and a key that was taken out is dead within a minute. */
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Deadlines } from '../../../runtime/gateway/deadline';
import { Deferred } from '../../../runtime/gateway/deferred';
import { ApiKeys, MOST_WAITING } from '../../../runtime/gateway/keys/api-keys';
import { Log } from '../../../runtime/gateway/log';
import { describeWith } from '../../setup/needs';
import { until } from '../gate';
import { secretOfKeys } from '../secret';
import type { Serving } from '../serve';

const FIRST = 'the-first-key-of-team-a';
const SECOND = 'the-second-key-of-team-a';
const THIRD = 'the-third-key-of-team-a';

/** Callers that send one request after the other with the key of the moment, until told to stop. */
class Callers {
  key = FIRST;
  readonly statuses: number[] = [];
  #isDone = false;
  readonly #loops: Promise<void>[];

  constructor(api: Serving, count: number) {
    this.#loops = Array.from({ length: count }, () => this.#call(api));
  }

  /** Resolves when so many more requests were answered. */
  more(count: number): Promise<void> {
    const enough = this.statuses.length + count;
    return until(() => this.statuses.length >= enough);
  }

  async stop(): Promise<number[]> {
    this.#isDone = true;
    await Promise.all(this.#loops);
    return this.statuses;
  }

  async #call(api: Serving): Promise<void> {
    while (!this.#isDone) this.statuses.push((await api.post({ value: 1 }, { 'x-api-key': this.key })).status);
  }
}

describeWith(['moto'], 'under load', () => {
  const secret = secretOfKeys();

  test('keys are replaced, added and taken out, and not one request is refused', async () => {
    await secret.put({ 'team-a': FIRST });
    const api = await secret.serve({ overlay: { workers: 2 } });
    await until(async () => (await api.manage('/readyz')).status === 200);
    const [laggards, callers] = [new Callers(api, 2), new Callers(api, 4)];
    await callers.more(50);
    await secret.put({ 'team-a': SECOND });
    callers.key = SECOND;
    await callers.more(50);
    await secret.put({ 'team-a': [THIRD, SECOND] });
    callers.key = THIRD;
    await callers.more(50);
    laggards.key = SECOND;
    await Promise.all([laggards.more(20), callers.more(50)]);
    const statuses = [...(await laggards.stop()), ...(await callers.stop())];
    expect(statuses.length).toBeGreaterThan(200);
    expect(new Set(statuses)).toEqual(new Set([200]));
  });
});

describe('by the clock', () => {
  let secret: Record<string, string | string[]> | Error;
  let reads: number;
  /** Holds the answer of a read back. */
  let reply: Deferred<void>;
  let keys: ApiKeys;

  async function read(): Promise<string> {
    reads += 1;
    if (secret instanceof Error) throw secret;
    const text = JSON.stringify(secret);
    await reply.promise;
    return text;
  }

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['performance', 'setInterval', 'clearInterval'] });
    secret = { a: FIRST };
    reads = 0;
    reply = new Deferred<void>();
    reply.resolve();
    keys = new ApiKeys('arn:secret', read, new Deadlines(), new Log(new PassThrough().resume()));
    await keys.load(Number.POSITIVE_INFINITY);
  });
  afterEach(() => void vi.useRealTimers());

  const pass = (seconds: number) => vi.advanceTimersByTimeAsync(seconds * 1_000);

  /** Whether a key is known without a read. */
  function isKnown(key: string): boolean {
    const answer = keys.identify(key);
    if (answer instanceof Promise) answer.catch(() => {});
    return answer === 'a';
  }

  test('the secret is polled every thirty seconds', async () => {
    await pass(95);
    expect(reads).toBe(1 + 3);
  });

  test('a key taken out right after a poll is dead a minute later, and was not half a minute later', async () => {
    secret = { a: SECOND };
    await pass(59.9);
    expect(isKnown(FIRST)).toBe(true);
    await pass(0.2);
    expect(isKnown(FIRST)).toBe(false);
  });

  test('a key taken out right before a poll lives half a minute more', async () => {
    await pass(29.9);
    secret = { a: SECOND };
    await pass(30);
    expect(isKnown(FIRST)).toBe(true);
    await pass(0.2);
    expect(isKnown(FIRST)).toBe(false);
  });

  test('reads for unknown keys do not shorten the life of another key', async () => {
    secret = { a: SECOND };
    await pass(29);
    expect(await asked(SECOND)).toBe('a');
    await pass(2);
    expect(isKnown(FIRST)).toBe(true);
  });

  test('a key that comes back before it is let go stays', async () => {
    secret = { a: SECOND };
    await pass(31);
    secret = { a: [SECOND, FIRST] };
    expect(await asked(THIRD)).toBeUndefined();
    await pass(120);
    expect(isKnown(FIRST)).toBe(true);
  });

  test('a key that was missed dies in its time though the secret cannot be read any more', async () => {
    secret = { a: SECOND };
    await pass(31);
    secret = new Error('outage');
    await pass(30);
    expect(isKnown(FIRST)).toBe(false);
    expect(isKnown(SECOND)).toBe(true);
  });

  test('an unknown key is not judged by a read that began before its request', async () => {
    reply = new Deferred<void>();
    const early = keys.identify(SECOND);
    await pass(0);
    secret = { a: [FIRST, SECOND, THIRD] };
    const late = keys.identify(THIRD);
    reply.resolve();
    await pass(0);
    expect(await early).toBeUndefined();
    await pass(1.1);
    expect(await late).toBe('a');
  });

  test('more unknown keys than may wait are sent away at once, undecided, and all that wait share one read', async () => {
    reply = new Deferred<void>();
    const waiting = Array.from({ length: MOST_WAITING }, () => keys.identify(SECOND));
    await expect(keys.identify(THIRD)).rejects.toMatchObject({ code: 'overloaded' });
    reply.resolve();
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([undefined]));
    expect(reads).toBe(2);
  });

  test('no key is called wrong while the secret cannot be read, or holds no keys', async () => {
    for (const outage of [new Error('outage'), { a: 'short' }]) {
      secret = outage;
      await expect(Promise.all([keys.identify(SECOND), pass(1.5)])).rejects.toMatchObject({ code: 'not_ready' });
      expect(isKnown(FIRST)).toBe(true);
    }
    secret = { a: FIRST };
    expect(await asked(SECOND)).toBeUndefined();
  });

  test('a replica that starts after a key was replaced never lets it in', async () => {
    secret = { a: SECOND };
    const started = new ApiKeys('arn:secret', read, new Deadlines(), new Log(new PassThrough().resume()));
    await started.load(Number.POSITIVE_INFINITY);
    expect(isKnown(FIRST)).toBe(true);
    const [verdict] = await Promise.all([started.identify(FIRST), pass(1.5)]);
    expect(verdict).toBeUndefined();
  });

  test('what cannot be a key is refused without a read', async () => {
    expect(keys.identify('too-short')).toBeUndefined();
    await pass(2);
    expect(reads).toBe(1);
  });

  async function asked(key: string): Promise<string | undefined> {
    const answer = keys.identify(key);
    await pass(1.5);
    return answer;
  }
});
