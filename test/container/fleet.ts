/**
 * The replicas of one API behind a load balancer, replaced as Amazon ECS replaces them at 100/200 healthy percent: new
 * ones start, are registered once they are ready, the old ones are deregistered, finish what they have, and are stopped.
 */
import { LoadBalancer, type Rule } from '../setup/load-balancer';
import type { Routed } from './declared';
import { Replica } from './replica';

const REPLICAS = 2;

export class Fleet {
  /** How each replica ended that was told to stop. */
  readonly stopped: Promise<{ readonly exitCode: number }>[] = [];
  readonly #all: Replica[];

  private constructor(
    private readonly balancer: LoadBalancer,
    private serving: readonly Replica[],
  ) {
    this.#all = [...serving];
  }

  static async start(declared: Routed): Promise<Fleet> {
    const replicas = await started(declared);
    return new Fleet(await LoadBalancer.start(routeTo(declared, replicas)), replicas);
  }

  get url(): string {
    return this.balancer.url;
  }

  /** Resolves when only the new version is called. The old one is being stopped by then. */
  async release(declared: Routed): Promise<void> {
    const [old, anew] = [this.serving, await started(declared)];
    this.#all.push(...anew);
    await this.balancer.route(routeTo(declared, [...old, ...anew]));
    await this.balancer.route(routeTo(declared, anew));
    this.stopped.push(...old.map(({ task }) => task.stop()));
    this.serving = anew;
  }

  async remove(): Promise<void> {
    await this.balancer.stop();
    for (const { task } of this.#all) task.remove();
    await Promise.allSettled(this.stopped);
  }
}

/** Resolves when they are ready, as the load balancer's health check asks. */
function started(declared: Routed): Promise<Replica[]> {
  return Promise.all(Array.from({ length: REPLICAS }, () => Replica.run(declared)));
}

function routeTo({ patterns }: Routed, replicas: readonly Replica[]): Rule[] {
  return [{ patterns, targets: replicas.map(({ target }) => target) }];
}
