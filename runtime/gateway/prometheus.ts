/** The metrics as Prometheus reads them: the families of the contract's table, then the handler's own. */
import { METRICS, type PrometheusRow, UNEMITTED_METRICS } from '../contract/metrics';
import type { Answer } from './answer';
import { EXPOSITION_TYPE, family, histogramSamples, type Sample, sample } from './exposition';
import type { Histogram } from './histogram';
import type { Metrics } from './metrics';

/** Every sixth bound, a factor of 2.7: a scrape of 16 buckets a family says enough. */
const BOUNDS_APART = 6;

export function exposition(metrics: Metrics): Answer {
  const families = [
    ofTable('offeredConcurrency', [sample('', {}, metrics.offeredConcurrency)]),
    ofTable('requests', labelled('code', metrics.requests)),
    ofTable('shed', labelled('reason', metrics.sheds)),
    ofTable('timeouts', [sample('', {}, metrics.timeouts)]),
    ofTable('disconnects', [sample('', {}, metrics.disconnects)]),
    ofTable('latency', durations(metrics.latency)),
    ofTable('queueTime', durations(metrics.queueTime)),
    ofTable('predictTime', durations(metrics.predictTime)),
    ofTable('batchSize', rows(metrics.batchSize)),
    ofTable('running', [sample('', {}, metrics.running)]),
    ofTable('queued', [sample('', {}, metrics.queued)]),
    ofTable('readyWorkers', [sample('', {}, metrics.readyWorkers())]),
    ofTable('workerRestarts', labelled('reason', metrics.restarts)),
    ofTable('loadTime', [sample('', {}, metrics.loadSeconds)]),
    ofTable('gpuUtilization', metrics.gpus.samples('utilization')),
    ofTable('gpuMemoryUsed', metrics.gpus.samples('memoryUsed')),
    ofTable('keyRequests', labelled('key', metrics.keyRequests)),
    ...metrics.handler.families(),
  ];
  return { status: 200, contentType: EXPOSITION_TYPE, body: families.join('') };
}

const labelled = (label: string, counts: ReadonlyMap<string | number, number>): Sample[] =>
  [...counts].map(([value, count]) => sample('', { [label]: String(value) }, count));

const ROWS = { ...METRICS, ...UNEMITTED_METRICS } satisfies Record<string, PrometheusRow>;

function ofTable(key: keyof typeof ROWS, samples: readonly Sample[]): string {
  const { prometheus: name, prometheusType: type, help } = ROWS[key];
  return family({ name, type, help }, samples);
}

/** In seconds, and with fewer buckets than are counted. */
function durations({ total, scale }: Histogram): Sample[] {
  const last = scale.bounds.length - 1;
  const bounds = scale.bounds.filter((_, bucket) => bucket < last && bucket % BOUNDS_APART === 0);
  const counts = Array.from({ length: bounds.length + 1 }, () => 0);
  for (const [bucket, count] of total.buckets.entries()) {
    const wide = bucket === last ? bounds.length : Math.ceil(bucket / BOUNDS_APART);
    counts[wide] = (counts[wide] as number) + count;
  }
  return histogramSamples({}, bounds.map(seconds), counts, total.sum / 1000);
}

function rows({ total, scale }: Histogram): Sample[] {
  return histogramSamples({}, scale.bounds.slice(0, -1), total.buckets, total.sum);
}

const seconds = (milliseconds: number) => Number((milliseconds / 1000).toPrecision(4));
