import { join } from 'node:path';
import { Duration, Size } from 'aws-cdk-lib';
import { beforeAll, describe, expect, test } from 'vitest';
import { chart } from '../../../bench/autoscaling/chart';
import { type Compared, rowsOf } from '../../../bench/autoscaling/comparison';
import { CORTEX_DEFAULTS } from '../../../bench/autoscaling/cortex';
import { readOptions } from '../../../bench/autoscaling/options';
import { ours } from '../../../bench/autoscaling/ours';
import { cortex } from '../../../bench/autoscaling/peer';
import { replicaHourPrice } from '../../../bench/autoscaling/prices';
import { report } from '../../../bench/autoscaling/report';
import { simulate } from '../../../bench/autoscaling/simulation';
import { type Declared, readTemplate, templateOf } from '../../../bench/autoscaling/template';
import { shippedTraces, TRACES_FOLDER } from '../../../bench/autoscaling/traces';
import { Compute, Scaling } from '../../../lib';

const [step, doubling] = shippedTraces();
const { workload } = readOptions([]);
let declared: Declared;

beforeAll(() => {
  declared = readTemplate(templateOf({ scaling: Scaling.onConcurrency({ maxReplicas: 100 }) }));
});

describe('what the simulation knows of our scaling', () => {
  test('is what the template prints', () => {
    const scaling = Scaling.onConcurrency({
      minReplicas: 2,
      maxReplicas: 7,
      targetUtilization: 0.5,
      scaleOutCooldown: Duration.minutes(10),
      scaleInCooldown: Duration.minutes(1),
    });
    const compute = Compute.fargate({ cpu: 2048, memory: Size.gibibytes(8) });
    const read = readTemplate(templateOf({ scaling, compute, concurrency: 4, requestTimeout: Duration.seconds(100) }));
    expect(read).toMatchObject({
      limits: { min: 2, max: 7 },
      tracking: { targetValue: 2, scaleOutCooldown: 600, scaleInCooldown: 60 },
      group: { healthCheckInterval: 10, healthyThreshold: 2, deregistrationDelay: 105 },
      vcpus: 2,
      memoryGb: 8,
    });
    const [{ policy, alarm }] = read.bursts;
    expect([policy.threshold, policy.cooldown, alarm.threshold]).toEqual([4, 600, 4]);
    expect(policy.steps[0]).toMatchObject({ from: 0, adjustment: 100 });
  });

  test('is nothing of bursts where they are left out', () => {
    expect(readTemplate(templateOf({ scaling: Scaling.onConcurrency({ burst: false }) })).bursts).toEqual([]);
  });

  test('is an error where another signal is followed', () => {
    const template = templateOf({ scaling: Scaling.onCpu() });
    expect(() => readTemplate(template)).toThrow('one policy that tracks the average of OfferedConcurrency');
  });
});

describe('a run', () => {
  test('with the same seed is the same, and with another one is not', () => {
    const run = (seed: number) => simulate(ours(declared), step, workload, seed);
    expect(run(1)).toEqual(run(1));
    expect(run(2).requests).not.toBe(run(1).requests);
  });

  test('gives both sides the same callers', () => {
    const theirs = simulate(cortex(CORTEX_DEFAULTS), step, workload, 1);
    const mine = simulate(ours(declared), step, workload, 1);
    expect(Math.abs(theirs.requests - mine.requests)).toBeLessThan(10_000);
  });

  test('asks for a hundred replicas within four minutes, where Cortex takes eleven', () => {
    const { unaskedSeconds: mine } = simulate(ours(declared), step, workload, 1);
    expect(mine / 60).toBeGreaterThan(3);
    expect(mine / 60).toBeLessThan(4);
    const { unaskedSeconds } = simulate(cortex(CORTEX_DEFAULTS), step, workload, 1);
    expect(unaskedSeconds / 60).toBeGreaterThan(10);
    expect(unaskedSeconds / 60).toBeLessThan(13);
  });

  test('follows the declaration: without the step for bursts callers are refused for longer', () => {
    const slow = readTemplate(templateOf({ scaling: Scaling.onConcurrency({ maxReplicas: 100, burst: false }) }));
    const [quick, slowly] = [declared, slow].map((one) => simulate(ours(one), doubling, workload, 1));
    expect(slowly.shortSeconds).toBeGreaterThan(quick.shortSeconds);
  });

  test('follows the model: one that takes longer to load is missed for longer', () => {
    const heavy = { ...workload, start: { pull: 120, load: 120 } };
    const [light, loaded] = [workload, heavy].map((one) => simulate(ours(declared), step, one, 1));
    expect(loaded.shortSeconds).toBeGreaterThan(light.shortSeconds + 100);
  });
});

describe('what is written', () => {
  function compare(): Compared {
    return {
      trace: step,
      ours: [simulate(ours(declared), step, workload, 1)],
      cortex: [simulate(cortex(CORTEX_DEFAULTS), step, workload, 1)],
      choices: new Map([['`burst: false`', [simulate(ours({ ...declared, bursts: [] }), step, workload, 1)]]]),
    };
  }

  test('has a row for each measure, and the target in minutes', () => {
    const rows = rowsOf(compare(), 'as usual');
    expect(rows.map(({ measure }) => measure)).toEqual([
      'time_until_asked',
      'time_to_capacity',
      'shed',
      'late',
      'replica_hours',
      'minutes_to_100_asked',
    ]);
    expect(rows[5]).toMatchObject({ work: 'step', load: 'as usual', target: '<= 4' });
  });

  test('says the numbers of the template, and draws a panel a trace', () => {
    const compared = [compare()];
    const results = { versions: {}, rows: rowsOf(compared[0], 'as usual') };
    const options = { workload, seeds: 1, maxReplicas: 100 };
    const text = report({ results, compared, declared, price: replicaHourPrice(declared), options });
    expect(text).toContain('Target tracking at 0.75 of offered concurrency');
    expect(text).toContain('### Step: 1 → 100 replicas');
    expect(text).toContain('| ours | Cortex | ratio | ours, `burst: false` |');
    expect(chart(compared).match(/<g /g)).toHaveLength(1);
  });
});

describe('the command line', () => {
  test('writes the documents only when nothing was chosen', () => {
    expect(readOptions([]).isWhole).toBe(true);
    expect(readOptions(['--seeds', '1']).isWhole).toBe(false);
    expect(readOptions(['--json']).isWhole).toBe(false);
  });

  test('takes the times of a model', () => {
    const chosen = readOptions(['--service-time', '0.2', '--start-time', '90+120']).workload;
    expect([chosen.service, chosen.start]).toEqual([0.2, { pull: 90, load: 120 }]);
  });

  test('takes a trace of the package by its name, or any by its file', () => {
    const file = join(TRACES_FOLDER, 'spike.json');
    const named = ['step', file].map((trace) => readOptions(['--trace', trace]).traces.map(({ name }) => name));
    expect(named).toEqual([['step'], ['spike']]);
  });

  test.each([
    [
      ['--trace', 'stairs'],
      '--trace stairs: there is no such file. Name a JSON or CSV file, or one of step, doubling, spike, flash-crowd, ramp, daily-wave, replay.',
    ],
    [['--start-time', '90'], '--start-time 90: say the pull of the image and the load of the model, such as 30+15.'],
    [['--seeds', 'many'], '--seeds many: it takes a number above zero.'],
  ])('refuses %j', (args, message) => {
    expect(() => readOptions(args)).toThrow(message);
  });
});
