/**
 * A process that has loaded the handler once and is forked into workers, seen from the gateway. It is their parent and
 * tells how they end; when it has gone itself they go on, and only that they end is still seen.
 */
import type { Failure } from '../../contract/handler';
import { Deferred } from '../deferred';
import type { WorkerMetric } from '../handler-metrics';
import { type Exit, exitOf, type LastWords, type Order, type Stream } from './child';
import { Connection } from './connection';
import { type PrintedLine, readJson } from './dispatch';
import { Fork } from './fork';
import { type Frame, FrameType, ProtocolError } from './frames';
import { checkHello, type HandlerSpec, startOf } from './hello';
import { singleThreaded } from './placement';
import { commandOf, type Program, SpawnedChild } from './spawned-child';

export interface ZygoteEvents {
  printed(line: PrintedLine): void;
  measured(metrics: readonly WorkerMetric[]): void;
  /** A line from past Python, of its own or of any worker that was forked from it. */
  wrote(stream: Stream, text: string): void;
}

/** What has become of the load. */
export type Load =
  | { readonly kind: 'loaded' }
  | { readonly kind: 'unsafe'; readonly why: string }
  | { readonly kind: 'ended'; readonly exit: Exit };

/** A process that forks no more has exited so. */
const EXITED_AFTER_FAILURE = exitOf(1, null);

export class Zygote {
  readonly #load = new Deferred<Load>();
  readonly #ended = new Deferred<Exit>();
  readonly #connection: Connection;
  readonly #forks = new Map<number, Fork>();
  /** Of the children that wait for it or were forked from it: it ends when nobody wants it any more. */
  readonly #attending = new Set<LastWords>();
  #process?: SpawnedChild;
  #lastFork = 0;
  #isLoading = true;
  #isRetired = false;
  #isKilled = false;
  #hangs = false;
  #hasEnded = false;

  constructor(
    private readonly spec: HandlerSpec & Program,
    private readonly events: ZygoteEvents,
  ) {
    this.#connection = new Connection({
      frame: (frame) => this.#receive(frame),
      drained: () => {},
      closed: () => this.#process?.kill(),
    });
    void this.#live();
  }

  get load(): Promise<Load> {
    return this.#load.promise;
  }

  get ended(): Promise<Exit> {
    return this.#ended.promise;
  }

  /** Whether a worker can still be had of it. */
  get isUsable(): boolean {
    return !this.#isKilled && !this.#hangs && !this.#hasEnded;
  }

  /** It ended by itself, or by a hand that is not the gateway's. */
  get wasLost(): boolean {
    return this.#hasEnded && !this.#isKilled && !this.#isLoading;
  }

  get wasStarted(): boolean {
    return this.#process?.wasStarted === true;
  }

  /** From now on until it leaves, a child's last words are what the pipe says that all of them share. */
  attend(words: LastWords): void {
    this.#attending.add(words);
  }

  leave(words: LastWords): void {
    this.#attending.delete(words);
    if (this.#isLoading || this.#isRetired) this.#killUnlessWanted();
  }

  retire(): void {
    this.#isRetired = true;
    this.#killUnlessWanted();
  }

  kill(): void {
    this.#isKilled = true;
    this.#process?.kill();
  }

  /** Only once it has loaded. */
  fork({ socket, mark, environment }: Order): Fork {
    const fork = new Fork(() => this.#giveUp());
    this.#lastFork += 1;
    this.#forks.set(this.#lastFork, fork);
    this.#connection.sendJson(FrameType.FORK, this.#lastFork, { socket, mark, environment });
    return fork;
  }

  async #live(): Promise<void> {
    const exit = await this.#run();
    this.#hasEnded = true;
    this.#connection.close();
    this.#load.resolve({ kind: 'ended', exit });
    for (const fork of this.#forks.values()) fork.loseParent(exit);
    this.#ended.resolve(exit);
  }

  async #run(): Promise<Exit> {
    const { handlerDir } = this.spec;
    try {
      await this.#connection.listen();
      const command = commandOf(this.spec, '--zygote', this.#connection.path);
      const hear = (stream: Stream, text: string) => this.#hear(stream, text);
      this.#process = new SpawnedChild(command, handlerDir, singleThreaded(), hear);
    } catch (error) {
      return { reason: 'exit', how: `could not be started: ${(error as Error).message}` };
    }
    if (this.#isKilled) this.#process.kill();
    return this.#process.exited;
  }

  #hear(stream: Stream, text: string): void {
    this.events.wrote(stream, text);
    if (stream === 'stderr') for (const words of this.#attending) words.hear(text);
  }

  #receive(frame: Frame): void {
    const { type, id, body } = frame;
    if (type === FrameType.HELLO) this.#start(frame);
    else if (type === FrameType.LOG) this.events.printed(readJson<PrintedLine>(body));
    else if (type === FrameType.METRIC) this.events.measured(readJson<WorkerMetric[]>(body));
    else if (type === FrameType.READY) this.#finishLoading(readJson<{ unsafe: string | null }>(body));
    else if (type === FrameType.FAILED) this.#fail(readJson<Failure>(body));
    else if (type === FrameType.FORKED) this.#forks.get(id)?.begin(readJson<{ pid: number }>(body).pid);
    else if (type === FrameType.EXIT) this.#bury(id, readJson<Ended>(body));
    else throw new ProtocolError(`a zygote does not send frames of type ${type}`);
  }

  #start(hello: Frame): void {
    checkHello(hello);
    this.#connection.sendJson(FrameType.START, 0, startOf(this.spec));
  }

  #finishLoading({ unsafe }: { unsafe: string | null }): void {
    this.#isLoading = false;
    this.#connection.hide();
    this.#load.resolve(unsafe === null ? { kind: 'loaded' } : { kind: 'unsafe', why: unsafe });
  }

  #fail(failure: Failure): void {
    this.#load.resolve({ kind: 'ended', exit: { ...EXITED_AFTER_FAILURE, failure } });
    this.kill();
  }

  #bury(id: number, { code = null, signal = null, error }: Ended): void {
    const fork = this.#forks.get(id);
    this.#forks.delete(id);
    const exit = error === undefined ? exitOf(code, signal) : ({ reason: 'exit', how: error } as const);
    // Its last words came before, by another way: whatever can be read is read in this turn of the event loop.
    setImmediate(() => fork?.end(exit));
  }

  /** It neither forks nor tells: what it has forked goes on without it. */
  #giveUp(): void {
    this.#hangs = true;
    this.#process?.kill();
  }

  #killUnlessWanted(): void {
    if (this.#attending.size === 0) this.kill();
  }
}

/** The body of EXIT. */
interface Ended {
  readonly code?: number | null;
  readonly signal?: string | null;
  /** It was never forked. */
  readonly error?: string;
}
