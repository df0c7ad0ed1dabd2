/**
 * Everything at once: thousands of requests, each with a nonce, of which one in twenty misbehaves and one in twenty hangs
 * up. Whoever is answered gets its own nonce back, whoever is not is told a documented reason, and nothing is left.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { FAILURES } from '../../runtime/gateway/errors';
import { isAlive, until } from '../runtime/gate';
import { type Serving, serve } from '../runtime/serve';

const CONNECTIONS = 64;
/** Garbage is collected often, so that what is resident is what is held. */
const STEADY = { NODE_OPTIONS: '--max-semi-space-size=2' };

/** Two thousand for each API: by then V8 and malloc have taken the room that they go on with. */
const WARM_UP = 6_000;
const REQUESTS = 16_000;

const DEADLY = ['sys.exit', 'os._exit', 'segfault', 'SIGKILL'];
const NASTY = [
  ...['raise', 'interrupt', 'recursion', 'nan', 'cycle', 'unknown', 'binary', 'descriptors', 'fork', 'fork and raise'],
  ...['thread', 'much output', 'alarm', 'large'],
];

type Form = 'one' | 'stream' | 'oip';

interface Plan {
  readonly api: Serving;
  readonly nonce: string;
  readonly how: string;
  readonly form: Form;
  /** Hangs up after so many milliseconds. */
  readonly leavesAfterMs?: number;
}

/** The same numbers in every run: a failure can be looked into. */
function random(): number {
  seed = (seed * 1_664_525 + 1_013_904_223) % 2 ** 32;
  return seed / 2 ** 32;
}
let seed = 4;

const one = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;

function plan(apis: readonly Serving[], index: number): Plan {
  const api = one(apis);
  const isBatch = api === apis[2];
  const form: Form = isBatch ? one(['one', 'one', 'oip']) : one(['one', 'one', 'stream', 'oip']);
  const fate = random();
  const nonce = `nonce-${index}-${Math.floor(random() * 2 ** 32)}`;
  if (fate < 0.05) return { api, nonce, form, how: random() < 0.1 ? one(DEADLY) : one(NASTY) };
  if (fate < 0.1)
    return { api, nonce, form, how: isBatch || random() < 0.3 ? '' : 'lingers', leavesAfterMs: random() * 30 };
  return { api, nonce, form, how: '' };
}

const tensor = (name: string, value: string) => ({ name, shape: [1], datatype: 'BYTES', data: [value] });

function bodyOf({ nonce, how, form }: Plan): object {
  if (form === 'oip') return { id: nonce, inputs: [tensor('nonce', nonce), tensor('how', how)] };
  return { nonce, how, form };
}

/** The status, and what the body says: `undefined` of one that hung up. */
function send(todo: Plan, agent: Agent): Promise<{ status: number; body: string } | undefined> {
  return new Promise((resolve) => {
    const path = todo.form === 'oip' ? '/v2/models/model/infer' : '/predict';
    const headers = {
      'content-type': 'application/json',
      accept: todo.form === 'stream' ? 'text/event-stream' : '*/*',
    };
    const sending = request(`${todo.api.url}${path}`, { method: 'POST', agent, headers });
    sending.on('response', async (response) => {
      const body = await text(response).catch(() => undefined);
      resolve(body === undefined ? undefined : { status: response.statusCode as number, body });
    });
    sending.on('error', () => resolve(undefined));
    sending.end(JSON.stringify(bodyOf(todo)));
    if (todo.leavesAfterMs !== undefined) setTimeout(() => sending.destroy(), todo.leavesAfterMs);
  });
}

/** What is wrong with an answer, if anything is. */
function judge(todo: Plan, reply: Awaited<ReturnType<typeof send>>): string | undefined {
  const { nonce, how, form, leavesAfterMs } = todo;
  if (reply === undefined) return leavesAfterMs === undefined ? 'no answer' : undefined;
  const { status, body } = reply;
  if (status !== 200) return isDocumented(status, body, form) ? undefined : `${status} is not documented: ${body}`;
  // Nonces of others would be somebody else's answer.
  const others = (body.match(/nonce-\d+-\d+/g) ?? []).filter((found) => found !== nonce);
  if (others.length > 0) return `answered with ${others[0]}`;
  if (form === 'stream') return isWhole(body, nonce) ? undefined : `a broken stream: ${body.slice(0, 300)}`;
  if (how === 'large') return body.length > 1_000_000 ? undefined : 'too short';
  return body.includes(nonce) ? undefined : `answered with ${body.slice(0, 300)}`;
}

function isDocumented(status: number, body: string, form: Form): boolean {
  const problem = JSON.parse(body);
  if (form === 'oip')
    return typeof problem.error === 'string' && Object.values(FAILURES).some((one) => one.status === status);
  return FAILURES[problem.code as keyof typeof FAILURES]?.status === status;
}

/** Five or six items, then an end or a documented error. */
function isWhole(body: string, nonce: string): boolean {
  const [, code] = /event: error\ndata: .*"code":"(\w+)"/.exec(body) ?? [];
  const items = body.split(`data: "${nonce}"\n`).length - 1;
  return code === undefined ? items >= 5 && body.includes('event: end') : items <= 6 && code in FAILURES;
}

/** Of the Open Inference Protocol's errors, which have none, its text. */
const codeOf = (body: string): string => JSON.parse(body).code ?? JSON.parse(body).error.slice(0, 60);

interface Tally {
  readonly wrong: string[];
  readonly outcomes: Map<string, number>;
}

async function flood(apis: readonly Serving[], from: number, to: number, tally: Tally): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  let next = from;
  const caller = async () => {
    while (next < to) {
      const todo = plan(apis, next);
      next += 1;
      const reply = await send(todo, agent);
      const wrong = judge(todo, reply);
      if (wrong !== undefined) tally.wrong.push(`${todo.nonce} (${todo.form}, ${todo.how}): ${wrong}`);
      const outcome = reply === undefined ? 'left' : reply.status === 200 ? '200' : codeOf(reply.body);
      tally.outcomes.set(outcome, (tally.outcomes.get(outcome) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, caller));
  agent.destroy();
  await Promise.all(apis.map(idle));
}

/** Nothing runs and nothing waits, long before what was abandoned would have ended by itself. */
const idle = (api: Serving) =>
  until(async () => {
    const { text: metrics } = await api.manage('/metrics');
    return ['running 0', 'queued 0', 'ready_workers 2'].every((line) => metrics.includes(`\nmodel_api_${line}\n`));
  });

const descriptorsOf = (api: Serving) => readdirSync(`/proc/${api.pid}/fd`).length;

function memoryOf(api: Serving): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${api.pid}/status`, 'utf8'))?.[1]);
}

/** Of what was begun in a process that still lives, whatever has not been left. */
function abandoned(api: Serving): string[] {
  const left = new Set(api.logs.flatMap(({ msg }) => /^left (\S+)$/.exec(msg)?.[1] ?? []));
  const begun = api.logs.flatMap(
    ({ msg }) => (/^begun (\S+) (\d+)$/.exec(msg)?.slice(1) as [string, string] | []) ?? [],
  );
  const open: string[] = [];
  for (let index = 0; index < begun.length; index += 2) {
    const [nonce, pid] = begun.slice(index, index + 2) as [string, string];
    if (!left.has(nonce) && isAlive(Number(pid))) open.push(nonce);
  }
  return open;
}

test('ten thousand requests, misbehaving and hanging up among them', { timeout: 240_000 }, async () => {
  const kinds = [
    { kind: 'calls', manifest: { concurrency: 4 } },
    { kind: 'tasks', manifest: {} },
    { kind: 'batches', manifest: {} },
  ];
  const apis = await Promise.all(
    kinds.map(({ kind, manifest }) =>
      serve({ handler: 'chaos', env: { KIND: kind, ...STEADY }, overlay: { workers: 2 }, manifest }),
    ),
  );
  onTestFinished(({ task }) => {
    if (task.result?.state === 'fail') console.log(`seed 4; answers: ${JSON.stringify([...tally.outcomes])}`);
  });
  const tally: Tally = { wrong: [], outcomes: new Map() };
  await flood(apis, 0, WARM_UP, tally);
  const before = apis.map((api) => ({ descriptors: descriptorsOf(api), memory: memoryOf(api) }));
  await flood(apis, WARM_UP, REQUESTS, tally);
  expect(tally.wrong).toEqual([]);
  // Deaths cost what had begun beside them, and no more than that.
  expect(tally.outcomes.get('200')).toBeGreaterThan(0.85 * REQUESTS);
  for (const [index, api] of apis.entries()) {
    const { descriptors, memory } = before[index] as (typeof before)[number];
    await until(() => abandoned(api).length === 0);
    await until(() => descriptorsOf(api) <= descriptors + 4);
    expect(memoryOf(api)).toBeLessThan(1.3 * memory);
    expect(await api.manage('/readyz')).toMatchObject({ status: 200 });
    api.signal('SIGTERM');
    expect(await api.exit).toBe(0);
  }
});
