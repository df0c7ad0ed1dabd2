/**
 * Workers that are loaded together: all of them become ready, or none is left. The handler is prepared once for them all,
 * as soon as the first has loaded it, because the samples that warm them up have to fit it.
 */
import type { Handler } from '../../contract/handler';
import type { Model } from '../model';
import type { Origin } from './child';
import type { SamplesFor, WorkerProcess } from './process';

/** Workers that are ready, and the handler that they have loaded. */
export interface Generation {
  readonly workers: readonly WorkerProcess[];
  readonly model: Model;
  readonly origin: Origin;
  /** Nobody wants it. */
  disown(): void;
}

export class Candidates {
  readonly #workers: readonly WorkerProcess[];
  #model?: Promise<Model>;

  constructor(
    readonly origin: Origin,
    count: number,
    start: (samplesFor: SamplesFor) => WorkerProcess,
    private readonly prepare: (handler: Handler) => Promise<Model>,
  ) {
    this.#workers = Array.from({ length: count }, () => start((handler) => this.#samplesFor(handler)));
  }

  get areWarming(): boolean {
    return this.#workers.some(({ state }) => state === 'warming');
  }

  async ready(): Promise<Generation> {
    try {
      await Promise.all(this.#workers.map((worker) => worker.loaded));
      const model = await (this.#model as Promise<Model>);
      return { workers: this.#workers, model, origin: this.origin, disown: () => this.kill() };
    } catch (error) {
      this.kill();
      await Promise.all(this.#workers.map((worker) => worker.dead));
      throw error;
    }
  }

  kill(): void {
    for (const worker of this.#workers) worker.kill('stopped');
    this.origin.retire();
  }

  async #samplesFor(handler: Handler): ReturnType<SamplesFor> {
    this.#model ??= this.prepare(handler);
    return (await this.#model).warmUpSamples;
  }
}
