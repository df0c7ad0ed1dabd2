import { describe, expect, test } from 'vitest';
import { testApp } from '../../lib/assembly';
import { cost, type Document, estimateOf, itemOf, priceFile, ROUND_PRICES } from './estimate';
import { FleetStack } from './fleet-app';

describe('an API on a group of m5.large, a replica of 1 vCPU and 3 GB', () => {
  async function declared(sizes: { min: number; max: number }, rest?: object): Promise<Document> {
    const app = testApp();
    const stack = new FleetStack(app);
    stack.api('Iris', { provider: stack.group('m5.large', sizes, rest), min: 1, max: 6 });
    const { apis, shared } = await estimateOf(app);
    expect(shared).toEqual([]);
    return apis[0];
  }

  test('two replicas fit on an instance, and instances are whole', async () => {
    const { compute, month, notes } = await declared({ min: 1, max: 4 });
    expect(compute).toBe('m5.large, 2 replicas each');
    // An instance is 730 an hour of 1 and 30 GB of volume of 0.1: 733; six replicas need three.
    expect(itemOf(month.items, 'm5.large')).toEqual({ idle: 733, target: 733, max: 2199 });
    expect(notes).toEqual(['its load balancer is not in this assembly, and not in the numbers']);
  });

  test('the fewest instances of the group run when nobody calls', async () => {
    const { month } = await declared({ min: 2, max: 4 });
    expect(itemOf(month.items, 'm5.large')).toEqual({ idle: 1466, target: 1466, max: 2199 });
  });

  test('a group that is too small holds fewer replicas than scaling asks for, and that is said', async () => {
    const { month, replicas, predictionsPerSecond, fleets, notes } = await declared({ min: 1, max: 2 });
    expect(itemOf(month.items, 'm5.large').max).toBe(1466);
    expect(replicas).toEqual({ idle: 1, target: 1, max: 4 });
    expect(predictionsPerSecond.max).toBe(20);
    expect(notes[0]).toBe('Fleet/Provider-m5.large grows to 2 × m5.large, which hold 67 % of the most replicas');
    expect(fleets).toEqual([
      {
        name: 'Fleet/Provider-m5.large',
        kind: 'ec2',
        instance: 'm5.large',
        maxInstances: 2,
        shareOfMostReplicas: 0.6667,
      },
    ]);
  });

  test('the total and a million predictions, by hand', async () => {
    const { month, predictionsPerSecond, perMillion } = await declared({ min: 1, max: 4 });
    // 0.5 in flight for 0.1 s: five a second and replica, 13.14 million a month.
    expect(predictionsPerSecond).toEqual({ idle: 0, target: 5, max: 30 });
    // Logs: 0.3 GB and 13.14 million × 400 bytes = 5.256 GB a replica. Metrics: 12 or 15. Two alarms of the tracking.
    // 733 + 3 + 24 + 6; 733 + 55.56 + 30 + 6; 2199 + 333.36 + 30 + 6.
    expect(month.total).toEqual({ idle: 766, target: 824.56, max: 2568.36 });
    expect(perMillion).toEqual({ target: 62.7519, max: 32.5769 });
  });

  test('SageMaker is compared by the same instance, as many', async () => {
    const { sagemaker } = await declared({ min: 2, max: 4 });
    expect(sagemaker).toMatchObject({
      instance: 'ml.m5.large',
      comparedBy: 'same instance',
      instances: { idle: 1, target: 1, max: 3 },
      month: { idle: 1460, target: 1460, max: 4380 },
    });
  });
});

test('stopped instances of a warm pool cost their volumes', async () => {
  const app = testApp();
  const stack = new FleetStack(app);
  const provider = stack.group('m5.large', { min: 1, max: 4 });
  stack.warmPool('m5.large', 2);
  stack.api('Iris', { provider });
  const { apis } = await estimateOf(app);
  // Two volumes of 3 beside 733 an instance.
  expect(itemOf(apis[0].month.items, 'm5.large')).toEqual({ idle: 739, target: 739, max: 2205 });
});

test('of a mixed group what is beyond the base on demand is partly Spot, and its first type is taken', async () => {
  const app = testApp();
  const stack = new FleetStack(app);
  const distribution = { onDemandBaseCapacity: 1, onDemandPercentageAboveBaseCapacity: 50 };
  const provider = stack.mixedGroup(['m5.large', 'm5.xlarge'], distribution);
  stack.api('Iris', { provider, min: 2, max: 10 });
  const { apis, assumptions } = await estimateOf(app);
  // Five instances: one and half of four on demand, two with three quarters off: 3.5 × 730 + 5 × 3.
  expect(itemOf(apis[0].month.items, 'm5.large')).toEqual({ idle: 733, target: 733, max: 2570 });
  expect(apis[0].notes[0]).toBe('m5.large is the first of 2 types: what AWS takes may cost something else');
  expect(assumptions.some((one: string) => one.startsWith('Spot is taken at the discount'))).toBe(true);
});

test('APIs on one group fill its instances together, and each bears the part that its replicas take', async () => {
  const app = testApp();
  const stack = new FleetStack(app);
  const provider = stack.group('m5.2xlarge', { min: 0, max: 10 });
  // On 8 vCPUs and four interfaces: three of the one, limited by interfaces, and one of the other, by memory.
  stack.api('Small', { provider, min: 3, max: 6 });
  stack.api('Large', { provider, min: 1, max: 2, memoryMiB: 20_000 });
  const { apis } = await estimateOf(app);
  const [large, small] = apis.map(({ month }: Document) => itemOf(month.items, 'its part of m5.2xlarge with its disk'));
  // Two instances of 4 × 730 + 3, of which each fills one.
  expect(large).toEqual({ idle: 2923, target: 2923, max: 5846 });
  expect(small).toEqual(large);
});

test('a GPU is one replica', async () => {
  const app = testApp();
  const stack = new FleetStack(app);
  stack.api('Llm', { provider: stack.group('g5.xlarge', { min: 1, max: 3 }), gpus: 1, max: 3 });
  const { apis } = await estimateOf(app);
  expect(apis[0].compute).toBe('g5.xlarge, 1 replica each');
  expect(apis[0].replica.gpus).toBe(1);
  expect(itemOf(apis[0].month.items, 'g5.xlarge')).toEqual({ idle: 2923, target: 2923, max: 8769 });
  expect(apis[0].sagemaker).toMatchObject({ instance: 'ml.g5.xlarge', comparedBy: 'same instance' });
});

describe('ECS Managed Instances', () => {
  test('cost the instance and a fee, and are none without replicas', async () => {
    const app = testApp();
    const stack = new FleetStack(app);
    const requirements = { vCpuCount: { min: 2 }, memoryMiB: { min: 4096 }, allowedInstanceTypes: ['m5.large'] };
    stack.api('Iris', { provider: stack.managed(requirements), min: 0, max: 4 });
    const { apis } = await estimateOf(app);
    expect(apis[0].compute).toBe('m5.large, managed, 2 replicas each');
    // 1.5 × 730, half of it the fee, and 80 GB of volume: 1103.
    const label = 'm5.large, managed, with its disk';
    expect(itemOf(apis[0].month.items, label)).toEqual({ idle: 0, target: 1103, max: 2206 });
    expect(apis[0].fleets[0]).toMatchObject({ kind: 'managed', maxInstances: null, shareOfMostReplicas: 1 });
  });

  test('are the cheapest that meet the requirements and hold a replica, and that is said', async () => {
    const app = testApp();
    const stack = new FleetStack(app);
    const requirements = { vCpuCount: { min: 2, max: 4 }, memoryMiB: { min: 4096 }, cpuManufacturers: ['intel'] };
    const provider = stack.managed({ ...requirements, allowedInstanceTypes: ['m5.*', 'g5.xlarge'] });
    stack.api('Iris', { provider, max: 2, memoryMiB: 10_240 });
    const { apis } = await estimateOf(app);
    // m5.large has too little memory, g5.xlarge costs twice as much; it has to be wanted by name, too.
    expect(apis[0].compute).toBe('m5.xlarge, managed, 1 replica each');
    expect(apis[0].notes[0]).toContain('m5.xlarge is the cheapest of 2 that meet its requirements');
  });

  test('that no instance of the table meets are an error', async () => {
    const app = testApp();
    const stack = new FleetStack(app);
    const provider = stack.managed({
      vCpuCount: { min: 2 },
      memoryMiB: { min: 4096 },
      allowedInstanceTypes: ['x8g.*'],
    });
    stack.api('Iris', { provider });
    app.synth();
    const { code, stderr } = await cost([app.outdir]);
    expect(stderr).toContain(
      '✗ What Fleet/Managed costs cannot be told: no instance of the price table in eu-west-1 meets',
    );
    expect(code).toBe(1);
  });
});

test('an instance type that is not known is an error that names it', async () => {
  const app = testApp();
  const stack = new FleetStack(app);
  stack.api('Iris', { provider: stack.group('x1.32xlarge', { min: 1, max: 2 }) });
  app.synth();
  const { stderr } = await cost([app.outdir]);
  expect(stderr).toContain('how many replicas fit on x1.32xlarge is not known to this version');
});

test('one that has no price in the region is an error that says what to add', async () => {
  const app = testApp();
  const stack = new FleetStack(app);
  stack.api('Iris', { provider: stack.group('p5.4xlarge', { min: 1, max: 2 }), gpus: 1 });
  app.synth();
  const prices = structuredClone(ROUND_PRICES);
  const { stderr } = await cost([app.outdir, '--prices', priceFile(prices)]);
  expect(stderr).toContain(
    '✗ The price table has no p5.4xlarge in eu-west-1.\n  Add to a file for --prices, with the right dollars: {"regions":{"eu-west-1":{"ec2":{"p5.4xlarge":0.1}}}}',
  );
});
