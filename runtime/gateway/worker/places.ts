/** Which of the places 0, 1, 2 … a worker has: its GPU and its cores hang on it. */
export class Places {
  /** How many living workers have each. */
  readonly #taken: number[];

  constructor(count: number) {
    this.#taken = new Array<number>(count).fill(0);
  }

  /** The one that fewest living workers have: a successor shares its predecessor's until that has gone. */
  free(): number {
    return this.#taken.indexOf(Math.min(...this.#taken));
  }

  take(place: number): void {
    (this.#taken[place] as number) += 1;
  }

  leave(place: number): void {
    (this.#taken[place] as number) -= 1;
  }
}
