/**
 * Workers of one load of the handler: forked from a zygote, and from a new one when that is lost. Where that is not safe
 * they are spawned instead, which costs nothing but the time and memory that forking would have saved.
 */
import type { Child, Order, Origin } from './child';
import { ForkedChild } from './forked-child';
import type { HandlerSpec } from './hello';
import { type Program, Spawning } from './spawned-child';
import { Zygote, type ZygoteEvents } from './zygote';

export interface ForkingEvents extends ZygoteEvents {
  /** Workers are spawned because of `why`, a clause of its own. */
  unsafe(why: string): void;
  /** `how` continues "The process …". */
  lost(how: string): void;
}

export class Forking implements Origin {
  readonly #spawning: Spawning;
  #zygote?: Zygote;
  #isUnsafe = false;

  constructor(
    private readonly spec: HandlerSpec & Program,
    private readonly events: ForkingEvents,
    platform = process.platform,
  ) {
    this.#spawning = new Spawning(spec);
    if (platform !== 'linux') this.#refuse('only Linux is known to fork a loaded process safely');
  }

  begin(order: Order): Child {
    if (this.#isUnsafe) return this.#spawning.begin(order);
    if (this.#zygote?.isUsable !== true) this.#zygote = this.#start();
    return new ForkedChild(this.#zygote, order, this.#spawning);
  }

  retire(): void {
    this.#zygote?.retire();
  }

  kill(): void {
    this.#zygote?.kill();
  }

  #start(): Zygote {
    const zygote = new Zygote(this.spec, this.events);
    void zygote.load.then((load) => {
      if (load.kind !== 'unsafe') return;
      this.#refuse(load.why);
      zygote.kill();
    });
    void zygote.ended.then(({ how }) => {
      if (zygote.wasLost) this.events.lost(how);
    });
    return zygote;
  }

  #refuse(why: string): void {
    this.#isUnsafe = true;
    this.events.unsafe(why);
  }
}
