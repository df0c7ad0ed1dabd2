/**
 * One coarse timer for everything that must happen by a certain time. A `setTimeout` for each request costs more than
 * the rest of its bookkeeping; deadlines are met within TICK_MS instead. The timer runs only while an alarm is set.
 *
 *     slots: tick -> alarms    [ 41: a b ] [ 42: ] [ 43: c ] ...      #next is the first slot that has not rung
 */

const TICK_MS = 10;

export interface Alarm {
  cancel(): void;
}

type Ring = () => void;

export class Deadlines {
  readonly #slots = new Map<number, Set<Ring>>();
  #timer?: NodeJS.Timeout;
  #next = 0;

  /** Calls `ring` at `timeMs` on the clock of `performance.now()`, never earlier. */
  at(timeMs: number, ring: Ring): Alarm {
    const tick = Math.ceil(timeMs / TICK_MS);
    this.#start();
    return this.#set(Math.max(tick, this.#next), ring);
  }

  after(delayMs: number, ring: Ring): Alarm {
    return this.at(performance.now() + delayMs, ring);
  }

  /** Resolves after `delayMs`. */
  wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.after(delayMs, resolve));
  }

  #set(tick: number, ring: Ring): Alarm {
    const slot = this.#slots.get(tick) ?? new Set<Ring>();
    this.#slots.set(tick, slot);
    // The same function may be set twice; each alarm is its own.
    const entry = () => ring();
    slot.add(entry);
    return {
      cancel: () => {
        // An empty slot would keep the timer running until its time.
        if (slot.delete(entry) && slot.size === 0) this.#slots.delete(tick);
      },
    };
  }

  #start(): void {
    if (this.#timer !== undefined) return;
    this.#next = Math.floor(performance.now() / TICK_MS);
    this.#timer = setInterval(() => this.#advance(), TICK_MS);
  }

  #advance(): void {
    const now = Math.floor(performance.now() / TICK_MS);
    while (this.#next <= now) {
      const slot = this.#slots.get(this.#next);
      this.#slots.delete(this.#next);
      this.#next += 1;
      for (const ring of slot ?? []) ring();
    }
    if (this.#slots.size === 0) this.#stop();
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
