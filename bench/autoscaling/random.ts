/** Chance that repeats itself: the same seed, the same numbers, on every machine. */

export class Random {
  #state: number;
  /** Normal draws come in pairs. */
  #spare: number | undefined;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to 1, without it: mulberry32, whose whole state is one 32-bit number. */
  uniform(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** The time between two of many independent callers. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.uniform());
  }

  /** Never below zero, with a tail, as the times of a model's calls are; `variation` is the deviation by the mean. */
  logNormal(mean: number, variation: number): number {
    const variance = Math.log(1 + variation ** 2);
    return mean * Math.exp(Math.sqrt(variance) * this.#normal() - variance / 2);
  }

  /** Box and Muller's: the two coordinates of a point whose angle is uniform. */
  #normal(): number {
    const spare = this.#spare;
    this.#spare = undefined;
    if (spare !== undefined) return spare;
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const angle = 2 * Math.PI * this.uniform();
    this.#spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }
}
