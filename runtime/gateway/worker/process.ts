/**
 * One worker's life: starting, loading, warming, ready, stopping, dead. It promises that `loaded` and `dead` settle whatever the
 * process does (raise, exit, crash, hang, never connect) and that nothing of it is left running. It does not replace
 * itself: the pool does.
 */
import type { Failure, Handler } from '../../contract/handler';
import type { Deadlines } from '../deadline';
import { Deferred } from '../deferred';
import type { Holder, Prediction } from '../prediction';
import type { Sample } from '../samples';
import type { Child, Exit, Origin, Stream } from './child';
import { Connection } from './connection';
import { type Death, deathAsFailure, deathOf, type KillReason, type Unready } from './death';
import { Depth } from './depth';
import { Dispatch, type DispatchEvents, readJson } from './dispatch';
import { type Frame, FrameType, ProtocolError } from './frames';
import { checkHello, type HandlerSpec, startOf } from './hello';
import { LoadError } from './load-error';
import { Mark } from './mark';
import { unscheduled, WarmUp, type WarmUpEvents } from './warm-up';

export type WorkerState = 'starting' | 'loading' | 'warming' | 'ready' | 'stopping' | 'dead';

/** What every worker of a pool is started with. */
export interface WorkerSpec extends HandlerSpec {
  /** Where its process comes from. */
  readonly origin: Origin;
  readonly loadTimeoutMs: number;
  /** Set for the process beside the gateway's own variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** What a worker answers before it is ready, once its handler is known. */
export type SamplesFor = (handler: Handler) => Promise<readonly Sample[]>;

export interface WorkerEvents extends DispatchEvents, WarmUpEvents {
  /** The worker may be able to take a request again. */
  freed(): void;
  /** What a frame led to in the gateway failed: no fault of the worker's, and its connection is closed all the same. */
  defect(error: Error): void;
  /** A line from past Python, which no request can be told for. */
  wrote(stream: Stream, text: string): void;
}

/** How long a process may live on without its connection, and a connection be read to its end without its process. */
const PARTING_MS = 500;

export class WorkerProcess implements Holder {
  state: WorkerState = 'starting';
  /** When it became ready, on the clock of `performance.now()`. */
  readyAt = 0;
  readonly #loaded = new Deferred<Handler>();
  readonly #dead = new Deferred<Death>();
  readonly #disconnected = new Deferred<void>();
  readonly #connection: Connection;
  #mark?: Mark;
  readonly #dispatch: Dispatch;
  readonly #startedAt = performance.now();
  readonly warmUp: WarmUp;
  #child?: Child;
  #depth?: Depth;
  #killReason?: KillReason;
  /** Requests that it has ended, and when it last had none. */
  served = 0;
  idleSince = 0;

  constructor(
    private readonly spec: WorkerSpec,
    private readonly deadlines: Deadlines,
    private readonly samplesFor: SamplesFor,
    private readonly events: WorkerEvents,
  ) {
    this.#connection = new Connection({
      frame: (frame) => this.#receive(frame),
      drained: () => events.freed(),
      closed: (reason) => this.#disconnect(reason),
    });
    this.#dispatch = new Dispatch(this.#connection, unscheduled(events));
    this.warmUp = new WarmUp((prediction) => this.#dispatch.run(prediction, this), events);
    void this.#live();
  }

  /** Settles when it is ready, or never will be. */
  get loaded(): Promise<Handler> {
    return this.#loaded.promise;
  }

  get dead(): Promise<Death> {
    return this.#dead.promise;
  }

  /** From its start until it was ready. */
  get loadSeconds(): number {
    return (this.readyAt - this.#startedAt) / 1000;
  }

  get running(): number {
    return this.#dispatch.running;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get isReady(): boolean {
    return this.state === 'ready';
  }

  /** For one more request; of a batch for none beside it, since it would wait for the whole of it. */
  get hasRoom(): boolean {
    return this.isReady && this.running < (this.#depth as Depth).limit && !this.#connection.isFull;
  }

  run(prediction: Prediction): void {
    this.#dispatch.run(prediction, this);
  }

  runBatch(predictions: readonly Prediction[]): void {
    this.#dispatch.runBatch(predictions, this);
  }

  /** To be called when it has let a prediction go: how long its last call took. */
  observe(): number {
    const { lastServiceMs } = this.#dispatch;
    this.served += 1;
    this.#depth?.observe(lastServiceMs);
    if (this.running === 0) this.idleSince = performance.now();
    return lastServiceMs;
  }

  cancel(prediction: Prediction): void {
    this.#dispatch.cancel(prediction);
  }

  /** Lets it finish what it runs, for `graceMs` at most. */
  stop(graceMs: number): Promise<Death> {
    if (this.state !== 'ready') this.kill('stopped');
    else {
      this.state = 'stopping';
      this.#connection.send(FrameType.STOP, 0);
      this.#killUnlessDeadIn(graceMs);
    }
    return this.dead;
  }

  kill(reason: KillReason): void {
    this.#killReason ??= reason;
    this.#child?.kill();
  }

  async #live(): Promise<void> {
    const loadAlarm = this.deadlines.after(this.spec.loadTimeoutMs, () => this.kill('load_timeout'));
    const cancelAlarm = () => loadAlarm.cancel();
    void this.loaded.then(cancelAlarm, cancelAlarm);
    const exit = await this.#exit();
    await this.#readToTheEnd();
    this.#end(deathOf(exit, this.#killReason), exit.failure);
  }

  /** Runs the process from its start to its exit. */
  async #exit(): Promise<Exit> {
    const { origin, environment } = this.spec;
    try {
      await this.#connection.listen();
      this.#mark = new Mark(this.#connection.markPath);
      const { path: socket, markPath: mark } = this.#connection;
      const wrote = (stream: Stream, text: string) => this.events.wrote(stream, text);
      this.#child = origin.begin({ socket, mark, environment, wrote });
    } catch (error) {
      return { reason: 'exit', how: `could not be started: ${(error as Error).message}` };
    }
    if (this.#killReason !== undefined) this.#child.kill();
    return this.#child.exited;
  }

  /** The last answers may still be in the socket; a child of the handler that keeps it open must not hold us up. */
  async #readToTheEnd(): Promise<void> {
    if (this.state !== 'starting') await Promise.race([this.#disconnected.promise, this.deadlines.wait(PARTING_MS)]);
    this.#connection.close();
  }

  #end(death: Death, failure = deathAsFailure(death, this.#unready())): void {
    const wasReady = this.readyAt > 0;
    this.state = 'dead';
    if (!wasReady) this.#loaded.reject(new LoadError(failure));
    this.#dispatch.abandon(death.how, this.#mark?.settle() ?? (() => false));
    this.#dead.resolve(death);
  }

  #unready(): Unready {
    const { wasStarted = false, lastWords = '' } = this.#child ?? {};
    const { loadTimeoutMs } = this.spec;
    return { loadTimeoutMs, lastWords, wasStarted, sample: this.warmUp.current };
  }

  #disconnect(reason?: Error): void {
    this.#disconnected.resolve();
    if (reason instanceof ProtocolError) this.kill('protocol');
    else if (reason !== undefined && !('code' in reason)) this.events.defect(reason);
    // Without its connection it can answer nothing; it ends by itself unless the handler's code holds it.
    if (this.#child?.isOrphan) this.#child.kill();
    else this.#killUnlessDeadIn(PARTING_MS);
  }

  #killUnlessDeadIn(delayMs: number): void {
    const alarm = this.deadlines.after(delayMs, () => this.#child?.kill());
    void this.dead.then(() => alarm.cancel());
  }

  #receive(frame: Frame): void {
    if (frame.type === FrameType.HELLO) this.#start(frame);
    else if (frame.type === FrameType.READY) this.#beginWarmUp(readJson<Handler>(frame.body));
    else if (frame.type === FrameType.FAILED) this.#fail(readJson<Failure>(frame.body));
    else this.#dispatch.receive(frame);
  }

  #start(hello: Frame): void {
    checkHello(hello);
    this.state = 'loading';
    if (!this.#child?.isLoaded) this.#connection.sendJson(FrameType.START, 0, startOf(this.spec));
  }

  #fail(failure: Failure): void {
    this.#loaded.reject(new LoadError(failure));
    // It leaves by itself, unless a thread of the handler's holds it.
    this.#killUnlessDeadIn(PARTING_MS);
  }

  #beginWarmUp(handler: Handler): void {
    if (this.state !== 'loading') throw new ProtocolError('the worker was ready twice');
    this.state = 'warming';
    this.#connection.hide();
    void this.samplesFor(handler)
      .then((samples) => this.warmUp.answer(samples))
      .then(
        () => this.#becomeReady(handler),
        (error) => this.#failWarmUp(error),
      );
  }

  #failWarmUp(error: Error): void {
    this.#loaded.reject(error);
    this.kill('warm_up');
  }

  #becomeReady(handler: Handler): void {
    // Whoever is being killed has nothing more to say.
    if (this.state !== 'warming' || this.#killReason !== undefined) return;
    this.state = 'ready';
    this.readyAt = performance.now();
    this.idleSince = this.readyAt;
    this.#depth = new Depth(handler);
    this.#dispatch.events = this.events;
    this.#loaded.resolve(handler);
    this.events.freed();
  }
}
