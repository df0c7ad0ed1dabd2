/**
 * The judge of new versions as Lambda runs it: the shipped bundle, real gateways with real handlers as the old and the new
 * version, their target groups and rule in a load balancer's emulator. What Amazon ECS knows of a deployment no emulator
 * tells, so a server stands in for those two calls.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { ProbeSample, RolloutCheckSettings } from '../../../runtime/contract/probe';
import type { HookAnswer, LambdaContext, LifecycleEvent } from '../../../runtime/probe/rollout/event';
import { describeWith } from '../../setup/needs';
import { secretOfKeys } from '../secret';
import { type Serving, serve } from '../serve';
import { deployedProbe, type Probe } from './deployed';
import { type Deployments, deploymentsServer } from './deployments-server';
import { picture } from './picture';
import { TargetGroups } from './target-groups';

const SAMPLES: ProbeSample[] = [
  { name: 'half', input: { value: 1 }, output: { score: 0.5 } },
  { name: 'unjudged', input: { value: 3 } },
];

const CONTRACT = ['from dataclasses import dataclass', '@dataclass', 'class Score:', '    score: float', ''].join('\n');

/** As released last. */
const BLUE = `${CONTRACT}
def predict(value: int) -> Score:
    return Score(value / 2)
`;

const SETTINGS: RolloutCheckSettings = { samples: { tolerance: 1e-5 }, contract: true, waitMs: 60_000 };

interface Line {
  readonly level: string;
  readonly event: string;
  readonly msg: string;
  readonly check?: string;
  readonly fix?: string;
}

describeWith(['moto'], 'a new version', () => {
  // Its emulator has load balancers too.
  const secret = secretOfKeys();
  let deployments: Deployments;
  let groups: TargetGroups;

  beforeAll(async () => {
    deployments = await deploymentsServer();
  });
  afterAll(() => deployments.close());

  beforeEach(async () => {
    vi.unstubAllEnvs();
    onTestFinished(() => void vi.unstubAllEnvs());
    const { endpoint } = deployments;
    for (const [name, value] of Object.entries({ ...secret.environment, AWS_ENDPOINT_URL_ECS: endpoint })) {
      vi.stubEnv(name, value);
    }
    groups = await TargetGroups.create();
    const variables = { ...groups.environment, BASE_PATH: '', TIMEOUT_MS: '5000' };
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
  });

  /** A model directory with this `predict.py`. */
  function version(source: string): Promise<Serving> {
    const folder = mkdtempSync(join(tmpdir(), 'version-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    writeFileSync(join(folder, 'predict.py'), source);
    return serve({ handler: folder });
  }

  interface Judged {
    readonly answer: HookAnswer;
    readonly lines: readonly Line[];
    /** The messages of the findings. */
    readonly findings: readonly string[];
  }

  interface Options {
    readonly settings?: Partial<RolloutCheckSettings>;
    readonly samples?: readonly ProbeSample[];
    readonly event?: Partial<LifecycleEvent> | null;
    readonly timeLeftMs?: number;
  }

  async function judge({ settings, samples = SAMPLES, event, timeLeftMs = 900_000 }: Options = {}): Promise<Judged> {
    vi.stubEnv('ROLLOUT_CHECK', JSON.stringify({ ...SETTINGS, ...settings }));
    const folder = deployedProbe(samples);
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const { rolloutCheck } = (await import(/* @vite-ignore */ join(folder, 'index.mjs'))) as {
      handler: Probe;
      rolloutCheck(event: LifecycleEvent, context: LambdaContext): Promise<HookAnswer>;
    };
    const written: string[] = [];
    const console = vi.spyOn(globalThis.console, 'log').mockImplementation((text) => void written.push(text));
    const answer = await rolloutCheck(
      event === null ? (null as unknown as LifecycleEvent) : { ...deployments.event, ...event },
      { getRemainingTimeInMillis: () => timeLeftMs },
    ).finally(() => console.mockRestore());
    const lines: Line[] = written.map((line) => JSON.parse(line));
    const findings = lines.filter((line) => line.event === 'rollout_check_finding').map(({ msg }) => msg);
    return { answer, lines, findings };
  }

  /** Both versions run, each in the group that Amazon ECS gave it. */
  async function deploy(green: string, blue: string | undefined): Promise<void> {
    const [old, now] = await Promise.all([blue === undefined ? undefined : version(blue), version(green)]);
    if (old) await groups.register('primary', old);
    await groups.register('alternate', now as Serving);
    deployments.versions = { green: groups.alternate, ...(old && { blue: groups.primary }) };
  }

  test('that answers as the samples say, and breaks no caller, may take over', async () => {
    await deploy(BLUE.replace('value / 2', 'value * 0.5000001'), BLUE);
    const { answer, lines } = await judge();
    expect(answer).toEqual({ hookStatus: 'SUCCEEDED' });
    expect(lines).toMatchObject([
      {
        level: 'info',
        event: 'rollout_check',
        status: 'SUCCEEDED',
        msg: 'the new version may take over: 2 samples answered as promised',
      },
    ]);
  });

  test('with a wrong output is taken back, and the log says which, what and what to do', async () => {
    await deploy(BLUE.replace('value / 2', 'value / 3'), BLUE);
    const { answer, lines, findings } = await judge();
    expect(answer).toEqual({ hookStatus: 'FAILED' });
    expect(findings).toEqual(['sample half: $.score is 0.3333333333333333, and the sample says 0.5']);
    expect(lines[0]).toMatchObject({
      level: 'error',
      check: 'samples',
      fix: expect.stringContaining('correct the handler'),
    });
    expect(lines.at(-1)).toMatchObject({ level: 'error', msg: 'the new version is taken back: 1 finding above' });
  });

  test('that refuses a sample is taken back', async () => {
    await deploy(BLUE.replace('    return', '    assert value == 1, value\n    return'), BLUE);
    const { findings } = await judge();
    expect(findings).toEqual([expect.stringMatching(/^sample unjudged: 127\.0\.0\.1:\d+ answered 500: /)]);
  });

  test('may answer otherwise where nobody looks at samples', async () => {
    await deploy(BLUE.replace('value / 2', 'value / 3'), BLUE);
    const { answer, lines } = await judge({ settings: { samples: undefined } });
    expect(answer.hookStatus).toBe('SUCCEEDED');
    expect(lines.at(-1)?.msg).toBe('the new version may take over: no sample sent');
  });

  test('that breaks the contract is taken back, however right its answers are', async () => {
    await deploy(BLUE.replace('value: int', 'value: int, unit: str'), BLUE);
    const { findings } = await judge({ settings: { samples: undefined } });
    expect(findings).toEqual(['POST /predict: of the body, $.unit is required now']);
  });

  test('may break the contract where that was allowed', async () => {
    await deploy(BLUE.replace('-> Score', '-> float').replace('Score(value / 2)', 'value / 2'), BLUE);
    const broken = await judge({ settings: { samples: undefined } });
    expect(broken.findings).toEqual(['POST /predict: of the answer, $ was object, and may be number now']);
    const allowed = await judge({ settings: { samples: undefined, contract: false } });
    expect(allowed.answer.hookStatus).toBe('SUCCEEDED');
  });

  test('that is the first one has no contract to break', async () => {
    await deploy(BLUE, undefined);
    deployments.versions = { green: groups.alternate };
    const { answer, lines } = await judge();
    expect(answer.hookStatus).toBe('SUCCEEDED');
    expect(lines[0]).toMatchObject({
      level: 'warning',
      event: 'rollout_check_note',
      msg: 'the contract was not compared: there is no version before',
    });
  });

  test('is looked for where Amazon ECS says that it is, whatever the weights of the rule', async () => {
    const [old, now] = await Promise.all([version(BLUE.replace('/ 2', '/ 7')), version(BLUE)]);
    await groups.register('alternate', old);
    await groups.register('primary', now);
    deployments.versions = { green: groups.primary, blue: groups.alternate };
    expect((await judge()).answer.hookStatus).toBe('SUCCEEDED');
  });

  test('is the one without callers where Amazon ECS does not say', async () => {
    await deploy(BLUE, BLUE.replace('/ 2', '/ 7'));
    deployments.versions = { green: undefined, blue: undefined };
    await groups.weigh({ primary: 100, alternate: 0 });
    expect((await judge()).answer.hookStatus).toBe('SUCCEEDED');
    await groups.weigh({ primary: 0, alternate: 100 });
    expect((await judge()).answer.hookStatus).toBe('FAILED');
  });

  test('may mend a version of which nothing runs any more', async () => {
    await deploy(BLUE, undefined);
    deployments.versions = { green: groups.alternate, blue: groups.primary };
    const { answer, lines } = await judge();
    expect(answer.hookStatus).toBe('SUCCEEDED');
    expect(lines[0]?.msg).toBe(
      'the contract was not compared: the version before shows no /openapi.json: no replica is ready',
    );
  });

  describe('that is not ready', () => {
    beforeEach(async () => {
      deployments.versions = { green: groups.alternate, blue: groups.primary };
    });

    test('is looked for again, and Amazon ECS remembers since when', async () => {
      const { answer, lines } = await judge();
      expect(answer).toEqual({
        hookStatus: 'IN_PROGRESS',
        callBackDelay: 15,
        hookDetails: { waitingSince: expect.any(Number) },
      });
      expect(lines.at(-1)?.msg).toBe('no new replica is ready: none is registered; looking again in 15 s');
      const again = await judge({ event: { hookDetails: answer.hookDetails } });
      expect(again.answer).toEqual(answer);
      const unknown = await judge({ event: { hookDetails: { waitingSince: 'long' as unknown as number } } });
      expect(unknown.answer.hookDetails?.waitingSince).toEqual(expect.any(Number));
    });

    test('is taken back when it has had its time', async () => {
      const waitingSince = Date.now() - SETTINGS.waitMs;
      const { answer, findings } = await judge({ event: { hookDetails: { waitingSince } } });
      expect(answer).toEqual({ hookStatus: 'FAILED' });
      expect(findings).toEqual(['no new replica is ready: none is registered, for 60 s']);
    });

    test('is nobody where none is asked for', async () => {
      deployments.requested = 0;
      const { answer, lines } = await judge();
      deployments.requested = 1;
      expect(answer).toEqual({ hookStatus: 'SUCCEEDED' });
      expect(lines.at(-1)?.msg).toBe('the new version may take over: no replica is asked for, so that none was judged');
    });

    test('is no fault of Amazon ECS either, at first', async () => {
      deployments.isDown = true;
      const { answer, lines } = await judge();
      deployments.isDown = false;
      expect(answer.hookStatus).toBe('IN_PROGRESS');
      expect(lines.at(-1)?.msg).toMatch(/^the replicas cannot be found: /);
    });
  });

  describe('that is slow', () => {
    const SLOW = BLUE.replace('    return', '    import time; time.sleep(0.2)\n    return');
    const latency = (limits: object) => ({ settings: { latency: { requests: 4, ...limits } } });

    test.each<[string, object, RegExp]>([
      ['its median', { p50Ms: 100 }, /^the median of 4 requests is \d+\.\d ms, above 100 ms$/],
      ['its slowest requests', { p95Ms: 150 }, /^p95 of 4 requests is \d+\.\d ms, above 150 ms$/],
      [
        'the version before',
        { ratio: 2 },
        /^the median of 4 requests is \d+\.\d ms, more than 2 times that of the version before, \d+\.\d ms$/,
      ],
    ])('by %s is taken back', async (_, limits, finding) => {
      await deploy(SLOW, BLUE);
      expect((await judge(latency(limits))).findings).toEqual([expect.stringMatching(finding)]);
    });

    test('may be so within its limits', async () => {
      await deploy(SLOW, BLUE);
      const { answer, lines } = await judge(latency({ p50Ms: 2000, p95Ms: 2000, ratio: 1000 }));
      expect(answer.hookStatus).toBe('SUCCEEDED');
      expect(lines.at(-1)?.msg).toMatch(/, fast enough$/);
    });

    test('has nothing to be compared with when it is the first', async () => {
      await deploy(SLOW, undefined);
      deployments.versions = { green: groups.alternate };
      expect((await judge(latency({ ratio: 0.001 }))).answer.hookStatus).toBe('SUCCEEDED');
    });

    test('is not compared with a version before that fails, which the log says', async () => {
      await deploy(BLUE, BLUE.replace('    return', '    raise ValueError\n    return'));
      const { answer, lines } = await judge(latency({ ratio: 1.5 }));
      expect(answer.hookStatus).toBe('SUCCEEDED');
      expect(lines[0]?.msg).toContain('the version before failed half of its requests or more');
    });

    test('leaves samples unasked when the time of the function is over, which speaks against it', async () => {
      await deploy(BLUE, BLUE);
      const { findings } = await judge({ ...latency({ p50Ms: 1000 }), timeLeftMs: 4000 });
      expect(findings).toEqual([
        'only 0 of 2 samples were answered in the time that a function has',
        'only 0 of 4 requests were answered in the time that a function has',
      ]);
    });
  });

  test('that asks for a key gets one of the secret', async () => {
    await secret.put({ 'team-a': 'the-first-key-of-team-a' });
    vi.stubEnv('API_KEYS_SECRET', secret.arn);
    const now = await secret.serve();
    await groups.register('alternate', now);
    deployments.versions = { green: groups.alternate };
    const samples = [{ name: 'one', input: { value: 1 }, output: 1 }];
    expect((await judge({ samples })).answer.hookStatus).toBe('SUCCEEDED');
  });

  test('is one of several replicas, and each of them is asked', async () => {
    await deploy(BLUE, BLUE);
    await groups.register('alternate', await version(BLUE.replace('/ 2', '/ 3')), '127.0.0.2');
    const samples = [SAMPLES[0], { ...SAMPLES[0], name: 'again' }] as ProbeSample[];
    expect((await judge({ samples })).findings).toHaveLength(1);
  });

  test('is found by the form of the event that AWS documented first, too', async () => {
    await deploy(BLUE, BLUE);
    const { executionDetails } = deployments.event;
    const event = { executionDetails: undefined, ...executionDetails };
    expect((await judge({ event })).answer.hookStatus).toBe('SUCCEEDED');
  });

  test('of an event that is none is taken back at once, and the log says what is missing', async () => {
    const { answer, findings } = await judge({ event: { executionDetails: {} } });
    expect(answer).toEqual({ hookStatus: 'FAILED' });
    expect(findings).toEqual(['the event names no targetServiceRevisionArn, which Amazon ECS sends to its hooks']);
    expect((await judge({ event: null })).findings).toEqual(['the event is null, and no object']);
  });

  test('that is an older one may break what callers of the newer one rely on, and not its own samples', async () => {
    await deploy(BLUE.replace('value: int', 'value: int, unit: str = ""'), BLUE.replace('value: int', 'value: float'));
    expect((await judge()).answer.hookStatus).toBe('FAILED');
    deployments.numbers = { green: 7, blue: 8 };
    onTestFinished(() => {
      deployments.numbers = { green: 2, blue: 1 };
    });
    const { answer, lines } = await judge();
    expect(answer.hookStatus).toBe('SUCCEEDED');
    expect(lines[0]).toMatchObject({ event: 'rollout_check_note', msg: expect.stringContaining('this is a way back') });
    const samples = [{ name: 'other', input: { value: 1 }, output: { score: 7 } }];
    expect((await judge({ samples })).answer.hookStatus).toBe('FAILED');
  });

  test('that answers a sample with something else than JSON is taken back, and the log says with what', async () => {
    await groups.register('alternate', await picture());
    deployments.versions = { green: groups.alternate };
    const samples = [{ name: 'one', input: { value: 1 }, output: 1 }];
    const [finding] = (await judge({ samples, settings: { contract: false } })).findings;
    expect(finding).toBe('sample one: the answer is not JSON (content type image/png): "PNG"');
  });
});
