/** The metrics as Prometheus reads them: the text exposition format, version 0.0.4. */
import { METRICS, type PrometheusRow, UNEMITTED_METRICS } from '../contract/metrics';
import type { Answer } from './answer';
import { BOUNDS_MS, BUCKETS, type Histogram } from './histogram';
import type { Metrics } from './metrics';

const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Every sixth bound, a factor of 2.7: a scrape of 16 buckets a family says enough. */
const BOUNDS_APART = 6;

export function exposition(metrics: Metrics): Answer {
  const families = [
    family('offeredConcurrency', [sample('', metrics.offeredConcurrency)]),
    family('requests', labelled('code', metrics.requests)),
    family('shed', labelled('reason', metrics.sheds)),
    family('timeouts', [sample('', metrics.timeouts)]),
    family('disconnects', [sample('', metrics.disconnects)]),
    family('latency', histogram(metrics.latency)),
    family('queueTime', histogram(metrics.queueTime)),
    family('predictTime', histogram(metrics.predictTime)),
    family('running', [sample('', metrics.running)]),
    family('queued', [sample('', metrics.queued)]),
    family('readyWorkers', [sample('', metrics.readyWorkers())]),
    family('workerRestarts', labelled('reason', metrics.restarts)),
    family('loadTime', [sample('', metrics.loadSeconds)]),
    family('keyRequests', labelled('key', metrics.keyRequests)),
  ];
  return { status: 200, contentType: CONTENT_TYPE, body: families.join('') };
}

/** The rest of a sample's line after the family's name. */
type Sample = string;

const sample = (suffix: string, value: number): Sample => `${suffix} ${value}`;

const labelled = (label: string, counts: ReadonlyMap<string | number, number>): Sample[] =>
  [...counts].map(([value, count]) => sample(`{${label}="${value}"}`, count));

const ROWS = { ...METRICS, ...UNEMITTED_METRICS } satisfies Record<string, PrometheusRow>;

function family(key: keyof typeof ROWS, samples: readonly Sample[]): string {
  const { prometheus: name, prometheusType: type, help } = ROWS[key];
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${samples.map((line) => `${name}${line}\n`).join('')}`;
}

function histogram({ total }: Histogram): Sample[] {
  const samples: Sample[] = [];
  let below = 0;
  for (let bucket = 0; bucket < BUCKETS - 1; bucket += 1) {
    below += total.buckets[bucket] as number;
    if (bucket % BOUNDS_APART === 0)
      samples.push(sample(`_bucket{le="${seconds(BOUNDS_MS[bucket] as number)}"}`, below));
  }
  return [
    ...samples,
    sample('_bucket{le="+Inf"}', total.count),
    sample('_sum', total.sum / 1000),
    sample('_count', total.count),
  ];
}

const seconds = (milliseconds: number) => Number((milliseconds / 1000).toPrecision(4));
