/** How the callers of a run fared. */

export class Tally {
  served = 0;
  /** Refused at once, with a 503. */
  shed = 0;
  /** Answered, but later than a caller would like, or told at their deadline that it has passed. */
  late = 0;
  /** Seconds that all served ones took, waiting included. */
  seconds = 0;
  #expired = 0;

  constructor(
    /** A served request that took longer is late. */
    readonly lateAfter: number,
  ) {}

  get requests(): number {
    return this.served + this.shed + this.#expired;
  }

  answered(latency: number): void {
    this.served += 1;
    this.seconds += latency;
    if (latency > this.lateAfter) this.late += 1;
  }

  refused(): void {
    this.shed += 1;
  }

  expired(): void {
    this.#expired += 1;
    this.late += 1;
  }
}
