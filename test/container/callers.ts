/** Callers that each send one request after the other, until they are told to leave; and every answer they got. */
import { pause } from './replica';

export interface Answered {
  readonly status: number;
  readonly answer: unknown;
}

export class Callers {
  /** In the order in which they came. A request without an answer has the status 0 and what went wrong. */
  readonly answers: Answered[] = [];
  readonly #callers: Promise<void>[];
  #areStaying = true;

  constructor(
    count: number,
    private readonly post: () => Promise<Answered>,
  ) {
    this.#callers = Array.from({ length: count }, () => this.#call());
  }

  get failed(): Answered[] {
    return this.answers.filter(({ status }) => status !== 200);
  }

  /** Resolves when so many more have been answered. */
  async more(count: number): Promise<void> {
    const enough = this.answers.length + count;
    while (this.answers.length < enough) await pause(10);
  }

  async leave(): Promise<void> {
    this.#areStaying = false;
    await Promise.all(this.#callers);
  }

  async #call(): Promise<void> {
    while (this.#areStaying) {
      this.answers.push(await this.post().catch((error) => ({ status: 0, answer: String(error.cause ?? error) })));
    }
  }
}
