/**
 * Whoever reads a metric reads one that is written, and each that is written is read. What templates name is joined with
 * what a running gateway emits, by namespace, name, dimensions, unit and resolution, and with what AWS says it measures.
 */
import { loadAwsServiceSpecSync } from '@aws-cdk/aws-service-spec';
import { describe, expect, test } from 'vitest';
import { METRIC_NAMESPACE } from '../../runtime/contract/metrics';
import { emfLine } from '../../runtime/gateway/emf';
import { Metrics } from '../../runtime/gateway/metrics';
import { testApp } from '../lib/assembly';
import { asText, type Declare, resourcesIn, type StackTemplate, templatesOf, WHOLE_APPS } from '../lib/whole-apps';
import { serve } from '../runtime/serve';
import { metricsIn, type UsedMetric } from './metrics-in-templates';

interface Emitted {
  readonly unit: string;
  readonly resolution: number;
  readonly dimensions: readonly string[];
}

/** What a gateway writes to its log for CloudWatch after one answered request, by namespace and name. */
async function emittedByAGateway(): Promise<Map<string, Emitted>> {
  const api = await serve({ handler: 'echo', overlay: { name: 'iris', emf: true } });
  await api.post({ value: 1 });
  api.signal('SIGTERM');
  await api.exit;
  const emitted = new Map<string, Emitted>();
  // biome-ignore lint/suspicious/noExplicitAny: a line is as the gateway writes it.
  for (const line of [...api.logs.filter((one) => '_aws' in one), lineOfABatchOnAGpu()] as any[]) {
    for (const { Namespace, Dimensions, Metrics } of line._aws.CloudWatchMetrics) {
      expect(Dimensions).toHaveLength(1);
      for (const { Name, Unit, StorageResolution = 60 } of Metrics) {
        if (line[Name] === undefined) continue;
        emitted.set(`${Namespace} ${Name}`, { unit: Unit, resolution: StorageResolution, dimensions: Dimensions[0] });
      }
    }
  }
  return emitted;
}

/** The handler above has no batches and this machine no GPU; how they are is written by the same code. */
function lineOfABatchOnAGpu(): object {
  const metrics = new Metrics();
  metrics.batchSize.observe(8);
  metrics.gpus.take([{ gpu: '0', utilization: 0.5, memoryUsed: 2 ** 30 }]);
  return JSON.parse(emfLine(metrics.takeWindow(), 'iris', Date.now()));
}

/** What AWS measures by itself: `namespace name` → the sets of dimensions under which it does. */
function measuredByAws(): Map<string, string[][]> {
  const spec = loadAwsServiceSpecSync();
  const sets = (metric: Parameters<typeof spec.follow<'usesDimensionSet'>>[1]) =>
    spec.follow('usesDimensionSet', metric).map(({ entity }) => entity.dimensions.map(({ name }) => name).sort());
  return new Map(spec.all('metric').map((metric) => [`${metric.namespace} ${metric.name}`, sets(metric)]));
}

function declared(declare: Declare): StackTemplate[] {
  const app = testApp();
  declare(app);
  return templatesOf(app);
}

const AWS = measuredByAws();

/** Why nothing would ever be read, or nothing if something would. */
function orphaned(metric: UsedMetric, emitted: Map<string, Emitted>): string[] {
  const key = `${metric.namespace} ${metric.name}`;
  const names = metric.dimensions.map(([name]) => name);
  const own = emitted.get(key);
  const sets = own ? [[...own.dimensions]] : (AWS.get(key) ?? []);
  const told = `${metric.by} reads ${key} by ${names}`;
  return [
    ...(sets.some((set) => String(set) === String(names)) ? [] : [`${told}, which nobody writes`]),
    ...(own && metric.unit !== undefined && metric.unit !== own.unit
      ? [`${told} in ${metric.unit}, not ${own.unit}`]
      : []),
    ...((metric.period ?? 60) < (own?.resolution ?? 60) ? [`${told} every ${metric.period} s`] : []),
  ];
}

describe('each metric that a template reads is written', () => {
  test('by a gateway or by AWS, with these dimensions, this unit and this often', async () => {
    const emitted = await emittedByAGateway();
    const orphans = WHOLE_APPS.flatMap(([, declare]) =>
      metricsIn(declared(declare)).flatMap((metric) => orphaned(metric, emitted)),
    );
    expect(orphans).toEqual([]);
  }, 120_000);

  test.each(WHOLE_APPS)('by an API of the same app: %s', (_, declare) => {
    const templates = declared(declare);
    const tasks = resourcesIn(templates, 'AWS::ECS::TaskDefinition');
    const names = tasks.flatMap(({ properties }) => properties.ContainerDefinitions.flatMap(nameIn));
    const read = metricsIn(templates).filter(({ namespace }) => namespace === METRIC_NAMESPACE);
    expect(read.length).toBeGreaterThan(0);
    for (const { dimensions } of read) expect(names).toContain(dimensions[0]?.[1]);
  });
});

// biome-ignore lint/suspicious/noExplicitAny: a container is as the template has it.
function nameIn({ Environment = [] }: any): string[] {
  const overlay = Environment.find(({ Name }: { Name: string }) => Name === 'MODEL_API_CONFIG');
  return overlay ? [JSON.parse(asText(overlay.Value)).name] : [];
}

test('each metric that a gateway writes is read by a declaration that says nothing of them, on GPUs', async () => {
  const emitted = await emittedByAGateway();
  const [, example] = WHOLE_APPS.find(([name]) => name === 'examples/gpu') as [string, Declare];
  const read = new Set(metricsIn(declared(example)).map(({ namespace, name }) => `${namespace} ${name}`));
  expect([...emitted.keys()].filter((key) => !read.has(key))).toEqual([]);
});

describe('the join', () => {
  const latency = { by: 'Stack/Alarm', namespace: 'ModelApi', name: 'Latency', dimensions: [['Api', 'iris']] } as const;
  const emitted = new Map([['ModelApi Latency', { unit: 'Milliseconds', resolution: 60, dimensions: ['Api'] }]]);

  test.each<[string, Partial<UsedMetric>, string[]]>([
    ['finds nothing in what is written', {}, []],
    ['misses a name', { name: 'Latencies' }, ['Stack/Alarm reads ModelApi Latencies by Api, which nobody writes']],
    ['misses a dimension', { dimensions: [] }, ['Stack/Alarm reads ModelApi Latency by , which nobody writes']],
    [
      'sees another unit',
      { unit: 'Seconds' },
      ['Stack/Alarm reads ModelApi Latency by Api in Seconds, not Milliseconds'],
    ],
    ['sees what is written more rarely', { period: 10 }, ['Stack/Alarm reads ModelApi Latency by Api every 10 s']],
    [
      'knows what AWS measures',
      { namespace: 'AWS/ECS', name: 'CPUUtilization', dimensions: [['ServiceName', '']] },
      ['Stack/Alarm reads AWS/ECS CPUUtilization by ServiceName, which nobody writes'],
    ],
  ])('%s', (_, changed, told) => {
    expect(orphaned({ ...latency, ...changed }, emitted)).toEqual(told);
  });
});
