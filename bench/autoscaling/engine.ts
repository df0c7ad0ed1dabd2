/**
 * The clock of a simulation: things happen in the order of their times, and what is due at the same time in the order in
 * which it was planned. Nothing else moves time, so that a run with the same seed is the same to the last digit.
 */

interface Due {
  readonly time: number;
  readonly order: number;
  readonly action: () => void;
}

export class Engine {
  #now = 0;
  #planned = 0;
  /** A binary heap: the children of i are at 2i + 1 and 2i + 2, and none is due before its parent. */
  readonly #heap: Due[] = [];

  /** Seconds since the simulation began. */
  get now(): number {
    return this.#now;
  }

  at(time: number, action: () => void): void {
    const due = { time: Math.max(time, this.#now), order: this.#planned, action };
    this.#planned += 1;
    this.#heap.push(due);
    this.#rise(this.#heap.length - 1);
  }

  /** Again and again, from `first` on, until the end of the run. */
  every(interval: number, first: number, action: () => void): void {
    this.at(first, () => {
      action();
      this.every(interval, first + interval, action);
    });
  }

  /** Everything that is due before `end`, which is then the time. */
  run(end: number): void {
    while (this.#heap.length > 0 && this.#heap[0].time < end) {
      const due = this.#take();
      this.#now = due.time;
      due.action();
    }
    this.#now = end;
  }

  #take(): Due {
    const first = this.#heap[0];
    const last = this.#heap.pop() as Due;
    if (this.#heap.length > 0) {
      this.#heap[0] = last;
      this.#sink(0);
    }
    return first;
  }

  #rise(start: number): void {
    const heap = this.#heap;
    const due = heap[start];
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(due, heap[parent])) break;
      heap[index] = heap[parent];
      index = parent;
    }
    heap[index] = due;
  }

  #sink(start: number): void {
    const heap = this.#heap;
    const due = heap[start];
    let index = start;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1], heap[child])) child += 1;
      if (!isBefore(heap[child], due)) break;
      heap[index] = heap[child];
      index = child;
    }
    heap[index] = due;
  }
}

function isBefore(one: Due, other: Due): boolean {
  return one.time < other.time || (one.time === other.time && one.order < other.order);
}
