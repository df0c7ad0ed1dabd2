import { Duration, Size } from 'aws-cdk-lib';
import { Schedule } from 'aws-cdk-lib/aws-applicationautoscaling';
import { Alarm, AlarmRule, CompositeAlarm, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { Compute, Monitoring, Scaling } from 'cdk-model-api';
import { describe, expect, test } from 'vitest';
import { testApp } from '../../lib/assembly';
import { apiIn, stackIn } from '../../lib/declaration';
import { type Document, estimateOf, itemOf } from './estimate';

const same = (value: number) => ({ idle: value, target: value, max: value });

describe('an API on Fargate, 1 vCPU and 2 GB, 1 to 10 replicas, by round prices', () => {
  let estimated: Promise<Document> | undefined;

  async function estimate(): Promise<Document> {
    const app = testApp();
    apiIn(stackIn(app));
    const { apis, shared } = await estimateOf(app);
    expect({ apis: apis.length, shared }).toEqual({ apis: 1, shared: [] });
    return apis[0];
  }

  function declared(): Promise<Document> {
    estimated ??= estimate();
    return estimated;
  }

  test('replicas cost their vCPUs and GBs', async () => {
    const { month, replicas } = await declared();
    expect(replicas).toEqual({ idle: 1, target: 1, max: 10 });
    // (1 × 1 + 2 × 0.1) × 730.
    expect(itemOf(month.items, 'Fargate')).toEqual({ idle: 876, target: 876, max: 8760 });
  });

  test('at the target of 0.75 in flight, and 100 ms a prediction, each makes seven and a half a second', async () => {
    expect((await declared()).predictionsPerSecond).toEqual({ idle: 0, target: 7.5, max: 75 });
  });

  test('what is billed by use follows from them', async () => {
    const { items } = (await declared()).month;
    // 0.3 GB of metrics; 7.5 × 2,628,000 lines of 400 bytes are 7.884 GB more.
    expect(itemOf(items, 'log')).toEqual({ idle: 3, target: 81.84, max: 818.4 });
    // 7.5 and 75 new connections a second are 0.3 and 3 capacity units.
    expect(itemOf(items, 'load balancer')).toEqual({ idle: 73, target: 292, max: 2263 });
    // Twelve metrics, and three durations where there are requests.
    expect(itemOf(items, 'custom metrics')).toEqual({ idle: 24, target: 30, max: 30 });
  });

  test('what stands there costs the same at all times', async () => {
    const { items } = (await declared()).month;
    expect(itemOf(items, 'NAT gateway')).toEqual(same(7.3));
    expect(itemOf(items, 'public IPv4')).toEqual(same(0.73));
    expect(itemOf(items, 'dashboard')).toEqual(same(11));
  });

  test('the total is the sum, and a million predictions cost it divided by how many there are', async () => {
    const { month, perMillion } = await declared();
    for (const situation of ['idle', 'target', 'max'] as const) {
      const sum = month.items.reduce((total: number, item: Document) => total + item[situation], 0);
      expect(month.total[situation]).toBeCloseTo(sum, 2);
    }
    expect(perMillion.target).toBeCloseTo(month.total.target / 19.71, 3);
    expect(perMillion.max).toBeCloseTo(month.total.max / 197.1, 3);
  });

  test('SageMaker is compared by its cheapest instance that is as large', async () => {
    const { sagemaker } = await declared();
    expect(sagemaker).toMatchObject({ instance: 'ml.c6i.large', comparedBy: 'nearest size' });
    expect(sagemaker.month).toEqual({ idle: 14.6, target: 14.6, max: 146 });
    expect(sagemaker.perMillion).toEqual({ target: 0.7407, max: 0.7407 });
  });
});

test('a shorter prediction makes more of them with the same replicas', async () => {
  const app = testApp();
  apiIn(stackIn(app));
  const { apis, predictMs, assumptions } = await estimateOf(app, ['--predict-ms', '20']);
  expect(apis[0].predictionsPerSecond).toEqual({ idle: 0, target: 37.5, max: 375 });
  expect(predictMs).toBe(20);
  expect(assumptions[0]).toBe('a prediction takes 20 ms');
});

describe('Fargate', () => {
  async function running(compute: Compute, scaling?: Scaling) {
    const app = testApp();
    apiIn(stackIn(app), { compute, scaling });
    const [api] = (await estimateOf(app)).apis;
    return { api, cost: itemOf(api.month.items, 'Fargate') };
  }

  test('Spot begins beyond the base on demand', async () => {
    const scaling = Scaling.onConcurrency({ minReplicas: 2, maxReplicas: 12 });
    const { cost, api } = await running(Compute.fargate({ spotShare: 0.5, onDemandBase: 2 }), scaling);
    // Two on demand, then half of ten at half the price: (7 + 5 / 2) × 876.
    expect(cost).toEqual({ idle: 1752, target: 1752, max: 8322 });
    expect(api.compute).toBe('Fargate x86-64, in part Spot');
  });

  test('disk costs beyond the first 20 GiB', async () => {
    const { cost } = await running(Compute.fargate({ ephemeralStorage: Size.gibibytes(50) }));
    // 30 × 0.01 × 730 more.
    expect(cost.idle).toBe(876 + 219);
  });

  test('Arm has prices of its own', async () => {
    const { cost } = await running(Compute.fargate({ architecture: CpuArchitecture.ARM64 }));
    expect(cost.idle).toBe(438);
  });
});

describe('schedules', () => {
  async function replicas(schedule: Schedule) {
    const app = testApp();
    const night = { schedule, minReplicas: 1, maxReplicas: 2 };
    const day = { schedule: Schedule.cron({ weekDay: 'MON-FRI', hour: '8', minute: '0' }), minReplicas: 4 };
    apiIn(stackIn(app), { scaling: Scaling.onConcurrency({ schedules: [day, night] }) });
    const [{ replicas, notes }] = (await estimateOf(app)).apis;
    return { replicas, notes };
  }

  test('that repeat weekly are averages over the week', async () => {
    const found = await replicas(Schedule.cron({ weekDay: 'MON-FRI', hour: '20', minute: '0' }));
    // 60 hours with 4 to 10, 108 with 1 to 2.
    expect(found.replicas.idle).toBeCloseTo((60 * 4 + 108) / 168, 3);
    expect(found.replicas.max).toBeCloseTo((60 * 10 + 108 * 2) / 168, 3);
    expect(found.notes[0]).toContain('2 schedules change the limits: the numbers of replicas are averages over a week');
  });

  test('that do not are said to be left out', async () => {
    const found = await replicas(Schedule.expression('at(2030-01-01T00:00:00)'));
    expect(found.replicas).toEqual({ idle: 1, target: 1, max: 10 });
    expect(found.notes[0]).toContain('not taken into account');
  });
});

describe('what scaling follows decides what a replica makes', () => {
  async function rate(scaling: Scaling): Promise<Document> {
    const app = testApp();
    apiIn(stackIn(app), { scaling });
    const [{ predictionsPerSecond, rateBasis, perMillion, notes }] = (await estimateOf(app)).apis;
    return { rate: predictionsPerSecond?.target, rateBasis, perMillion, notes };
  }

  test('requests: no prediction time is needed', async () => {
    expect(await rate(Scaling.onRequests({ requestsPerMinute: 600 }))).toMatchObject({
      rate: 10,
      rateBasis: 'scaling keeps 10 requests a second a replica',
    });
  });

  test('CPU: its workers are busy for that part of the time', async () => {
    expect((await rate(Scaling.onCpu({ targetUtilization: 0.5 }))).rate).toBe(5);
  });

  test("a metric of the user's tells nothing, and no number is made up", async () => {
    const metric = new Metric({ namespace: 'Mine', metricName: 'Backlog' });
    expect(await rate(Scaling.onMetric({ metric, target: 3 }))).toEqual({
      rate: undefined,
      rateBasis: 'scaling follows Backlog, which does not tell predictions',
      perMillion: null,
      notes: ['how many requests come is not known: what is billed by use is as if none did'],
    });
  });
});

describe('alarms', () => {
  test('are billed for each metric that they read, and more where they look more often', async () => {
    const app = testApp();
    const stack = stackIn(app);
    const api = apiIn(stack, { monitoring: Monitoring.none() });
    const before = itemOf((await estimateOf(app)).apis[0].month.items, 'alarms').idle;

    const again = testApp();
    const other = stackIn(again);
    const { service } = apiIn(other, { monitoring: Monitoring.none() });
    const metric = new Metric({ namespace: 'Mine', metricName: 'A' });
    const rest = { threshold: 1, evaluationPeriods: 1 };
    new Alarm(service, 'Plain', { metric, ...rest });
    new Alarm(service, 'Fast', { metric: metric.with({ period: Duration.seconds(10) }), ...rest });
    const usingMetrics = { a: metric, b: metric.with({ statistic: 'Sum' }) };
    const math = new Alarm(service, 'Math', {
      metric: new MathExpression({ expression: 'a + b', usingMetrics }),
      ...rest,
    });
    new CompositeAlarm(service, 'Both', { alarmRule: AlarmRule.allOf(math) });
    // 3 + 5 + 2 × 3 + 7.
    expect(itemOf((await estimateOf(again)).apis[0].month.items, 'alarms').idle - before).toBe(21);
    expect(api.alarms).toEqual([]);
  });
});
