/**
 * The order of the capacity providers that a stack makes in a cluster, since a cluster takes one change at a time: each
 * waits for the one that was declared before it. Which that is, is decided at synth, when it is known what else was told to
 * wait: an API that depends on one declared later comes after that one.
 */
import { AspectPriority, Aspects, type IAspect, Stack } from 'aws-cdk-lib';
import type { ICluster } from 'aws-cdk-lib/aws-ecs';
import type { Construct, IConstruct } from 'constructs';

interface Provider {
  readonly construct: Construct;
  readonly cluster: ICluster;
}

const ORDERS = new WeakMap<Stack, ProviderOrder>();

/** What a service runs on. It waits for that by a name in its template, which no construct tells. */
const CAPACITY_OF = new WeakMap<IConstruct, IConstruct>();

/** Has a provider wait for those of its cluster that the stack makes before. */
export function orderProvider(construct: Construct, cluster: ICluster): void {
  const stack = Stack.of(construct);
  const order = ORDERS.get(stack) ?? new ProviderOrder(stack);
  ORDERS.set(stack, order);
  order.add({ construct, cluster });
}

/** Notes that a service runs on the providers below a construct. */
export function noteUse(service: IConstruct, capacity: IConstruct): void {
  CAPACITY_OF.set(service, capacity);
}

class ProviderOrder implements IAspect {
  readonly #stack: Stack;
  readonly #providers: Provider[] = [];
  #isDone = false;

  constructor(stack: Stack) {
    this.#stack = stack;
    Aspects.of(stack).add(this, { priority: AspectPriority.READONLY });
  }

  add(provider: Provider): void {
    this.#providers.push(provider);
  }

  visit(node: IConstruct): void {
    if (node !== this.#stack || this.#isDone) return;
    this.#isDone = true;
    const byCluster = new Map<string, Construct[]>();
    for (const { construct, cluster } of this.#providers) {
      const name = JSON.stringify(this.#stack.resolve(cluster.clusterName));
      byCluster.set(name, [...(byCluster.get(name) ?? []), construct]);
    }
    for (const providers of byCluster.values()) {
      const ordered = inOrder(providers);
      for (const [index, later] of ordered.slice(1).entries()) later.node.addDependency(ordered[index] as Construct);
    }
  }
}

/** As they were declared, but each after those for which it waits anyhow. */
function inOrder(providers: readonly Construct[]): readonly Construct[] {
  const ordered = new Set<Construct>();
  const begun = new Set<Construct>();
  const place = (one: Construct): void => {
    if (begun.has(one)) return;
    begun.add(one);
    const awaited = awaitedBy(one);
    for (const other of providers) if (awaited.has(other)) place(other);
    ordered.add(one);
  };
  for (const one of providers) place(one);
  return [...ordered];
}

/** Everything that was said to be there before it, by itself or by what it stands in. */
function awaitedBy(construct: IConstruct): ReadonlySet<IConstruct> {
  const awaited = new Set<IConstruct>();
  const open = [construct];
  for (const one of open) {
    const roots = one.node.scopes.flatMap((scope) => [...scope.node.dependencies, CAPACITY_OF.get(scope) ?? []].flat());
    for (const each of roots.flatMap((root) => root.node.findAll())) {
      if (awaited.has(each)) continue;
      awaited.add(each);
      open.push(each);
    }
  }
  return awaited;
}
