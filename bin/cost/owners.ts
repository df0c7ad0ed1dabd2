/**
 * Whose a resource is: an API's that it stands below, or everybody's who uses the platform, the cluster or the stack that
 * it is a part of.
 */
import type { Stack } from './assembly';
import { type FoundApi, neighboursOf } from './model-apis';
import type { Placed } from './reference';

export class Owners {
  /** Construct paths and whose is what stands below them. */
  readonly #roots = new Map<string, readonly FoundApi[]>();

  constructor(private readonly apis: readonly FoundApi[]) {
    for (const api of apis) if (api.path) this.#roots.set(api.path, [api]);
    for (const api of apis) {
      const neighbours = neighboursOf(api, apis);
      const root = rootOf(api.cluster);
      // An API's own platform may be another's too.
      if (root && neighbours.length > 1) this.#roots.set(root, neighbours);
    }
  }

  /** The APIs that bear its cost; none where it has nothing to do with any. */
  of({ stack, id }: Placed): readonly FoundApi[] {
    const path = stack.paths.get(id) ?? '';
    const below = [...this.#roots].filter(([root]) => path.startsWith(`${root}/`));
    const [nearest] = below.sort(([one], [other]) => other.length - one.length);
    return nearest?.[1] ?? this.apis.filter(({ service }) => comesAfter(service.stack, stack));
  }
}

/** `<platform>/Cluster/Resource`. A stack's path is no root: what else stands in it need not be of the platform. */
function rootOf(cluster: Placed | undefined): string | undefined {
  const path = cluster?.stack.paths.get(cluster.id)?.split('/').slice(0, -2).join('/');
  return path && path !== cluster?.stack.name ? path : undefined;
}

/** Whether one stack is the other, or needs it. */
function comesAfter(stack: Stack, other: Stack): boolean {
  if (stack === other) return true;
  const before = [...stack.dependencies, ...(stack.around ? [stack.around.stack] : [])];
  return before.some((one) => comesAfter(one, other));
}
