/**
 * Supervises the workers: loads them, replaces the dead with growing pauses, and on a reload lets the old serve until the
 * new have loaded. It promises that as long as the handler can be loaded there are workers, and that none outlives it.
 */
import type { Failure, Handler } from '../../contract/handler';
import type { Batching } from '../../contract/manifest';
import { maxRows } from '../batch';
import type { Deadlines } from '../deadline';
import type { WorkerMetric } from '../handler-metrics';
import type { Log } from '../log';
import type { Metrics } from '../metrics';
import type { Model } from '../model';
import type { Prediction } from '../prediction';
import type { Origin, Stream } from './child';
import { Crashes, LONGEST_PAUSE_MS, pauseMs } from './crashes';
import { Forking } from './forking';
import { Candidates, type Generation } from './generation';
import { environmentOf, type Placement } from './placement';
import { Places } from './places';
import { type SamplesFor, WorkerProcess, type WorkerSpec } from './process';
import { isSpent, type RecycleLimits } from './recycle';
import { Reports } from './reports';
import { type Program, Spawning } from './spawned-child';

export type PoolState = 'loading' | 'warming' | 'ready' | 'replacing' | 'crash-looping';

export interface PoolListener {
  /** A worker may have room. */
  freed(): void;
  /** Its worker's last call took `serviceMs`. */
  released(prediction: Prediction, serviceMs: number): void;
  returned(predictions: readonly Prediction[]): void;
  measured(metrics: readonly WorkerMetric[]): void;
}

export interface PoolOptions extends Omit<WorkerSpec, 'environment' | 'origin'>, Program, RecycleLimits {
  readonly placement: Placement;
  readonly batching: Batching;
  readonly preload: boolean;
  readonly loadAttempts: number;
  /** How long a worker that is replaced on reload may finish what it runs. */
  readonly requestTimeoutMs: number;
}

const REASONS: Record<Exclude<PoolState, 'crash-looping'>, string> = {
  loading: 'The handler is loading.',
  warming: 'The handler is answering its samples.',
  replacing: 'A new worker is loading the handler.',
  ready: 'The handler is loaded.',
};

/** A batch is made for the one that has waited longest: a worker that has just become idle may wait for more. */
const isIdler = (one: WorkerProcess, other: WorkerProcess) =>
  one.running < other.running || (one.running === other.running && one.idleSince < other.idleSince);

export class WorkerPool {
  model?: Model;
  listener!: PoolListener;
  /** The workers that serve, also while they are loaded anew. A reload replaces the set, which disowns the old ones. */
  #serving = new Set<WorkerProcess>();
  /** Every process there is, to be killed when the gateway ends. */
  readonly #living = new Set<WorkerProcess>();
  readonly #places: Places;
  /** Where the workers that serve, and those that replace them, come from: of one load of the handler. */
  #origin?: Origin;
  #crashes = new Crashes();
  #firstLoad: Promise<void> = Promise.resolve();
  /** The newest reload wins; the number tells an older one that it has been overtaken. */
  #reloads = 0;
  /** The workers of a load that is under way. */
  #candidates?: Candidates;
  /** Those whose successor is loading. */
  readonly #retiring = new WeakSet<WorkerProcess>();
  readonly #reports: Reports;
  #isStopped = false;

  constructor(
    private readonly options: PoolOptions,
    private readonly prepare: (handler: Handler) => Promise<Model>,
    private readonly deadlines: Deadlines,
    private readonly log: Log,
    private readonly metrics: Metrics,
  ) {
    this.#reports = new Reports(log, options.requestTimeoutMs);
    this.#places = new Places(options.placement.workers);
    metrics.readyWorkers = () => this.#ready().length;
  }

  get state(): PoolState {
    if (this.model === undefined) return this.#candidates?.areWarming ? 'warming' : 'loading';
    if (this.#crashes.isLoop(this.#ready())) return 'crash-looping';
    return this.#ready().length > 0 ? 'ready' : 'replacing';
  }

  /** What to tell whoever asks why it is not ready. */
  get reason(): string {
    if (this.state === 'crash-looping') return `Workers die again and again: the last ${this.#crashes.lastDeath}.`;
    return REASONS[this.state];
  }

  /** Since when it has not been ready, if it is not: on the clock of `Date.now()`. */
  get unreadySince(): number {
    return this.#reports.unreadySince;
  }

  /** Why the handler could not be loaded the last time, until it can. */
  get lastFailure(): Failure | undefined {
    return this.#reports.lastFailure;
  }

  /** Why no request may even wait, if so: a worker that is being replaced is worth waiting for. */
  get refusal(): string | undefined {
    if (this.model === undefined) return this.reason;
    return this.state === 'crash-looping' && this.#ready().length === 0 ? this.reason : undefined;
  }

  /** Requests that all workers together run at a time; of batches, full ones. */
  get capacity(): number {
    const { placement, batching } = this.options;
    const { concurrency = 1, batch = false } = this.model?.handler ?? {};
    return placement.workers * (batch ? maxRows(batching) : concurrency);
  }

  /** The least busy worker that can take a request. */
  withRoom(): WorkerProcess | undefined {
    let best: WorkerProcess | undefined;
    for (const worker of this.#serving) {
      if (worker.hasRoom && (best === undefined || isIdler(worker, best))) best = worker;
    }
    return best;
  }

  /** The first load: throws a LoadError after so many attempts, or when the load timeout has passed over all of them. */
  load(): Promise<void> {
    this.#firstLoad = this.#loadAtLast(performance.now() + this.options.loadTimeoutMs);
    return this.#firstLoad;
  }

  /** Loads anew beside the old workers, which serve until all of the new have loaded, and go on serving if one cannot. */
  async reload(): Promise<void> {
    this.#reloads += 1;
    const mine = this.#reloads;
    await this.#firstLoad;
    this.#candidates?.kill();
    if (this.#isStopped || this.#reloads !== mine) return;
    this.#reports.reloading();
    try {
      const generation = await this.#startAll(this.options.loadTimeoutMs);
      if (this.#reloads !== mine) return generation.disown();
      this.#reports.reloaded(generation.model, this.#adopt(generation));
    } catch (error) {
      if (this.#reloads === mine) this.#reports.reportLoadError('reload_failed', error);
    }
  }

  /** Lets every worker finish, for `graceMs` at most; nothing is replaced any more. */
  async stop(graceMs: number): Promise<void> {
    this.#isStopped = true;
    this.#reloads += 1;
    this.#serving = new Set();
    await Promise.all([...this.#living].map((worker) => worker.stop(graceMs)));
    this.#origin?.retire();
  }

  /** For the end of the gateway, when nothing can be awaited. */
  killAll(): void {
    for (const worker of this.#living) worker.kill('stopped');
    for (const origin of [this.#origin, this.#candidates?.origin]) origin?.kill();
  }

  async #loadAtLast(giveUpAt: number): Promise<void> {
    const { loadAttempts } = this.options;
    for (let attempt = 1; !this.#isStopped; attempt += 1) {
      this.#reports.loading(attempt);
      try {
        const generation = await this.#startAll(giveUpAt - performance.now());
        return this.#reports.loaded(generation.model, this.#adopt(generation));
      } catch (error) {
        if (this.#isStopped) return;
        this.#reports.reportLoadError('load_failed', error, { attempt, attempts: loadAttempts });
        if (attempt >= loadAttempts || performance.now() >= giveUpAt) throw error;
      }
      await this.deadlines.wait(pauseMs(attempt + 1));
    }
  }

  /** As many workers as the pool has, all ready; when one cannot be, none is left. */
  async #startAll(loadTimeoutMs: number): Promise<Generation> {
    const origin = this.#newOrigin();
    const start = (samplesFor: SamplesFor) => this.#start(origin, loadTimeoutMs, samplesFor);
    const candidates = new Candidates(origin, this.options.placement.workers, start, this.prepare);
    this.#candidates = candidates;
    try {
      return await candidates.ready();
    } finally {
      if (this.#candidates === candidates) this.#candidates = undefined;
    }
  }

  #newOrigin(): Origin {
    if (!this.options.preload) return new Spawning(this.options);
    return new Forking(this.options, {
      printed: ({ level, msg }) => this.log.output(level, msg),
      measured: (metrics) => this.listener.measured(metrics),
      wrote: (stream, text) => this.#tellOutput(stream, text),
      unsafe: (why) => this.#reports.notForked(why),
      lost: (how) => this.#reports.zygoteLost(how),
    });
  }

  #start(origin: Origin, loadTimeoutMs: number, samplesFor: SamplesFor): WorkerProcess {
    const place = this.#places.free();
    const environment = environmentOf(place, this.options.placement);
    const spec = { ...this.options, origin, environment, loadTimeoutMs };
    const worker = new WorkerProcess(spec, this.deadlines, samplesFor, {
      freed: () => this.listener.freed(),
      released: (prediction) => {
        this.#crashes.answered(worker);
        this.listener.released(prediction, worker.observe());
        this.#recycleIfSpent(worker);
      },
      returned: (predictions) => this.listener.returned(predictions),
      defect: (error) => this.#reports.defect(error),
      measured: (metrics) => this.listener.measured(metrics),
      printed: ({ level, msg }, prediction) => this.log.output(level, msg, prediction?.requestId),
      ignored: (sample, why) => this.#reports.ignored(sample, why),
      answered: (sample, seconds) => this.#reports.answered(sample, seconds),
      wrote: (stream, text) => this.#tellOutput(stream, text),
    });
    this.#living.add(worker);
    this.#places.take(place);
    void worker.dead.then(() => {
      this.#living.delete(worker);
      this.#places.leave(place);
    });
    return worker;
  }

  #tellOutput(stream: Stream, text: string): void {
    this.log.output(stream === 'stderr' ? 'warning' : 'info', text);
  }

  /** One that has served long enough is stopped when another is ready in its place. */
  #recycleIfSpent(worker: WorkerProcess): void {
    if (!this.#serving.has(worker) || this.#retiring.has(worker) || !isSpent(worker, this.options)) return;
    this.#retiring.add(worker);
    this.#reports.recycling(worker.served);
    void this.#retire(worker);
  }

  async #retire(worker: WorkerProcess): Promise<void> {
    const successor = await this.#replace();
    // It answers requests, so that nothing is in a hurry: a handler that cannot be loaded now is not tried at every one.
    if (!successor.isReady) await this.deadlines.wait(LONGEST_PAUSE_MS);
    else if (this.#serving.delete(worker)) void worker.stop(this.options.requestTimeoutMs);
    this.#retiring.delete(worker);
    // One that died meanwhile was not replaced, for there were enough.
    if (successor.isReady && this.#serving.size < this.options.placement.workers) await this.#replace();
  }

  /** Returns the worker that took longest to become ready. */
  #adopt({ workers, model, origin }: Generation): WorkerProcess {
    const old = this.#serving;
    this.#serving = new Set(workers);
    this.#origin?.retire();
    this.#origin = origin;
    this.model = model;
    this.#crashes = new Crashes();
    const slowest = workers.reduce((one, other) => (other.loadSeconds > one.loadSeconds ? other : one));
    this.metrics.loadSeconds = slowest.loadSeconds;
    for (const worker of workers) this.#watch(worker);
    for (const worker of old) void worker.stop(this.options.requestTimeoutMs);
    this.listener.freed();
    return slowest;
  }

  #watch(worker: WorkerProcess): void {
    const generation = this.#serving;
    void worker.dead.then(async (death) => {
      // A retired one has left the generation before it ended.
      if (generation !== this.#serving || !generation.delete(worker)) return;
      this.#crashes.died(worker, death);
      this.metrics.workerRestarted(death.reason);
      this.#reports.lost(death, this.#crashes.count);
      const pause = pauseMs(this.#crashes.count);
      // Even no time takes a tick of the coarse timer, and callers wait for the first replacement.
      if (pause > 0) await this.deadlines.wait(pause);
      if (generation === this.#serving && generation.size < this.options.placement.workers) await this.#replace();
    });
  }

  async #replace(): Promise<WorkerProcess> {
    const model = this.model as Model;
    const origin = this.#origin as Origin;
    const worker = this.#start(origin, this.options.loadTimeoutMs, async () => model.warmUpSamples);
    this.#serving.add(worker);
    this.#watch(worker);
    try {
      await worker.loaded;
      this.metrics.loadSeconds = worker.loadSeconds;
      this.#reports.loaded(model, worker);
    } catch (error) {
      if (this.#serving.has(worker)) this.#reports.reportLoadError('load_failed', error);
    }
    return worker;
  }

  #ready(): WorkerProcess[] {
    return [...this.#serving].filter((worker) => worker.state === 'ready');
  }
}
