/**
 * The handler's own counters and histograms, added up over workers. They are the user's words, so everything is bounded
 * and checked: a name or a label that cannot be is refused and told of once, and never fails a request.
 */
import { METRIC_DIMENSION, METRICS } from '../contract/metrics';
import { family, histogramSamples, type Sample, sample } from './exposition';
import { ANYTHING, ANYTHING_ROUND, Counts, type Distribution, distribution } from './histogram';

type Labels = Readonly<Record<string, string>>;

/** What a worker has added up since it last told. */
export interface WorkerMetric {
  readonly name: string;
  readonly kind: 'counter' | 'histogram';
  readonly help?: string;
  readonly labels?: Readonly<Record<string, unknown>>;
  readonly value?: number;
  readonly values?: readonly number[];
}

const MOST_NAMES = 100;
const MOST_LABEL_SETS = 100;

const TOO_MANY_NAMES = `there are ${MOST_NAMES} names already, the most there can be`;

/** CloudWatch takes 100 metrics a line, of which the table and what it may grow by need the rest. */
const MOST_EMITTED_NAMES = 40;
/** Each is a line of the log; a handler that makes names up at every request must not fill it. */
const MOST_WARNINGS = 100;

/** The line of CloudWatch has these fields; a metric of the name would overwrite one. */
const TAKEN: ReadonlySet<string> = new Set([
  ...Object.values(METRICS).map(({ emf }) => emf),
  METRIC_DIMENSION,
  'TaskId',
]);

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,99}$/;
const LABEL = /^(?!__)[A-Za-z_][A-Za-z0-9_]{0,99}$/;
const LONGEST_LABEL_VALUE = 256;

interface Series {
  readonly labels: Labels;
  /** Of a counter. */
  total: number;
  /** Of a histogram. */
  readonly observed?: Counts;
}

interface Metric {
  readonly family: { readonly name: string; readonly type: 'counter' | 'histogram'; readonly help: string };
  readonly series: Map<string, Series>;
  /** Since the last window, over all labels: of a counter, and of a histogram. */
  grown: number;
  observed: Counts;
}

/** A distribution, or how much a counter has grown. */
export type HandlerWindow = ReadonlyMap<string, number | Distribution | undefined>;

export class HandlerMetrics {
  /** Told, once, what was refused and why. */
  warn: (message: string) => void = () => {};
  readonly #metrics = new Map<string, Metric>();
  /** Names of samples, by the metric that has them. */
  readonly #samples = new Map<string, string>();
  readonly #warned = new Set<string>();

  add(workerMetrics: readonly WorkerMetric[]): void {
    for (const told of workerMetrics) this.#add(told);
  }

  /** For Prometheus, in the order in which they came up. */
  families(): string[] {
    return [...this.#metrics.values()].map((metric) => family(metric.family, samplesOf(metric)));
  }

  /** What CloudWatch gets: summed over labels. A counter that did not grow is 0, a histogram without values is absent. */
  takeWindow(): HandlerWindow {
    const emitted = [...this.#metrics].slice(0, MOST_EMITTED_NAMES);
    return new Map(emitted.map(([name, metric]) => [name, taken(metric)]));
  }

  #add(told: WorkerMetric): void {
    const metric = this.#metric(told);
    if (metric === undefined) return;
    const values = told.kind === 'counter' ? [told.value] : (told.values ?? [told.value]);
    const bad = values.findIndex((value) => !isValue(value, told.kind));
    if (bad !== -1) {
      this.#refuse(told.name, `a ${told.kind} does not take ${values[bad]}`);
      return;
    }
    const series = this.#seriesOf(metric, told);
    if (series === undefined) return;
    for (const value of values as number[]) record(metric, series, value);
  }

  #metric({ name, kind, help = '' }: WorkerMetric): Metric | undefined {
    const known = this.#metrics.get(name);
    if (known?.family.type === kind) return known;
    const why = known === undefined ? this.#objection(name, kind) : `it is a ${known.family.type} already`;
    if (why !== undefined) return this.#refuse(name, why);
    const metric: Metric = {
      family: { name: familyName(name, kind), type: kind, help: help || `Recorded by the handler as ${name}.` },
      series: new Map(),
      grown: 0,
      observed: new Counts(ANYTHING),
    };
    for (const sampleName of sampleNames(name, kind)) this.#samples.set(sampleName, name);
    this.#metrics.set(name, metric);
    return metric;
  }

  #objection(name: string, kind: WorkerMetric['kind']): string | undefined {
    if (typeof name !== 'string' || !NAME.test(name))
      return 'a name is a letter followed by up to 99 letters, digits and underscores';
    if (TAKEN.has(name)) return 'the server itself has a metric of this name; take another';
    const twin = sampleNames(name, kind)
      .map((sampleName) => this.#samples.get(sampleName))
      .find(Boolean);
    if (twin !== undefined) return `to Prometheus it would be the same as ${twin}; take another`;
    return this.#metrics.size < MOST_NAMES ? undefined : TOO_MANY_NAMES;
  }

  #seriesOf(metric: Metric, { name, kind, labels = {} }: WorkerMetric): Series | undefined {
    const bad = Object.keys(labels).find((label) => !LABEL.test(label) || (kind === 'histogram' && label === 'le'));
    if (bad !== undefined) return this.#refuse(name, `it cannot have a label ${JSON.stringify(bad)}`);
    const sorted = Object.entries(labels).sort(([one], [other]) => (one < other ? -1 : 1));
    const texts = Object.fromEntries(
      sorted.map(([label, value]) => [label, String(value).slice(0, LONGEST_LABEL_VALUE)]),
    );
    const key = JSON.stringify(texts);
    const known = metric.series.get(key);
    if (known !== undefined) return known;
    if (metric.series.size >= MOST_LABEL_SETS)
      return this.#refuse(name, `it has ${MOST_LABEL_SETS} sets of labels already, the most there can be`);
    const series = { labels: texts, total: 0, observed: kind === 'histogram' ? new Counts(ANYTHING_ROUND) : undefined };
    metric.series.set(key, series);
    return series;
  }

  #refuse(name: string, why: string): undefined {
    const message = `The handler's metric ${JSON.stringify(String(name).slice(0, 100))} was not recorded: ${why}.`;
    // Names beyond the most there can be may be made up without end.
    const key = why === TOO_MANY_NAMES ? why : message;
    if (this.#warned.has(key) || this.#warned.size >= MOST_WARNINGS) return;
    this.#warned.add(key);
    this.warn(message);
  }
}

const familyName = (name: string, kind: WorkerMetric['kind']) =>
  `model_api_handler_${kind === 'counter' ? `${name.replace(/_total$/, '')}_total` : name}`;

/** Every name that stands at the start of a line. */
function sampleNames(name: string, kind: WorkerMetric['kind']): string[] {
  const own = familyName(name, kind);
  return kind === 'counter' ? [own] : [own, `${own}_bucket`, `${own}_sum`, `${own}_count`];
}

/** CloudWatch takes none beyond 2^360, and their sum has to stay a number. */
const LARGEST_VALUE = 1e100;

/** A counter never falls, or it would be none. */
function isValue(value: unknown, kind: WorkerMetric['kind']): value is number {
  return typeof value === 'number' && Math.abs(value) <= LARGEST_VALUE && (kind === 'histogram' || value >= 0);
}

function record(metric: Metric, series: Series, value: number): void {
  if (series.observed === undefined) {
    series.total += value;
    metric.grown += value;
    return;
  }
  series.observed.add(value);
  metric.observed.add(value);
}

function samplesOf({ series }: Metric): Sample[] {
  return [...series.values()].flatMap(({ labels, total, observed }) => {
    if (observed === undefined) return [sample('', labels, total)];
    return histogramSamples(labels, observed.scale.bounds.slice(0, -1), observed.buckets, observed.sum);
  });
}

function taken(metric: Metric): number | Distribution | undefined {
  const { family, grown, observed } = metric;
  metric.grown = 0;
  if (family.type === 'counter') return grown;
  metric.observed = new Counts(ANYTHING);
  return observed.count === 0 ? undefined : distribution(observed);
}
