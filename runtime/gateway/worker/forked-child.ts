/**
 * A worker that is forked from a zygote as soon as that has loaded the handler; or spawned, when the zygote then says
 * that it must not be forked.
 */
import { Deferred } from '../deferred';
import { type Child, type Exit, exitOf, LastWords, type Order, type Origin } from './child';
import type { Fork } from './fork';
import type { Load, Zygote } from './zygote';

export class ForkedChild implements Child {
  readonly #exited = new Deferred<Exit>();
  readonly #words = new LastWords();
  /** What it has become; nothing while the handler loads. */
  #fork?: Fork;
  #spawned?: Child;

  constructor(
    private readonly zygote: Zygote,
    private readonly order: Order,
    /** Where it comes from when it cannot be forked. */
    private readonly otherwise: Origin,
  ) {
    zygote.attend(this.#words);
    void this.exited.then(() => zygote.leave(this.#words));
    void this.#live();
  }

  get exited(): Promise<Exit> {
    return this.#exited.promise;
  }

  get pid(): number | undefined {
    return (this.#fork ?? this.#spawned)?.pid;
  }

  get wasStarted(): boolean {
    return this.#spawned?.wasStarted ?? this.zygote.wasStarted;
  }

  get lastWords(): string {
    return this.#spawned?.lastWords ?? this.#words.text;
  }

  get isLoaded(): boolean {
    return this.#fork !== undefined;
  }

  get isOrphan(): boolean {
    return this.#fork?.isOrphan === true;
  }

  kill(): void {
    const process = this.#fork ?? this.#spawned;
    if (process === undefined) this.#exited.resolve(exitOf(null, 'SIGKILL'));
    else process.kill();
  }

  async #live(): Promise<void> {
    const load = await Promise.race([this.zygote.load, this.exited.then(() => undefined)]);
    if (load !== undefined) this.#exited.resolve(await this.#become(load));
  }

  #become(load: Load): Promise<Exit> | Exit {
    if (load.kind === 'ended') return load.exit;
    if (load.kind === 'loaded') {
      this.#fork = this.zygote.fork(this.order);
      return this.#fork.exited;
    }
    this.#spawned = this.otherwise.begin(this.order);
    this.zygote.leave(this.#words);
    return this.#spawned.exited;
  }
}
