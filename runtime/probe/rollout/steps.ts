/** A bound on what a comparison may cost: types that refer to each other grow faster than anybody can wait. */

/** Somewhat more than a second. */
export const MOST_STEPS = 200_000;

export class TooManySteps extends Error {}

export class Steps {
  #taken = 0;

  constructor(private readonly most: number) {}

  get taken(): number {
    return this.#taken;
  }

  take(count = 1): void {
    this.#taken += count;
    if (this.#taken > this.most) throw new TooManySteps(`it would take more than ${this.most} steps`);
  }
}
