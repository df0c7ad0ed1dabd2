/** Where an API's replicas run, read from its service: Fargate, or instances that a capacity provider brings. */
import { CommandFailure, EXIT } from '../failure';
import type { Json } from './assembly';
import type { FoundApi } from './model-apis';
import { isSame, type Placed, type References } from './reference';

/** One line of a capacity provider strategy. */
export interface Share {
  readonly provider: 'FARGATE' | 'FARGATE_SPOT' | Placed;
  /** Replicas that it gets first. */
  readonly base: number;
  /** Of the rest, its part in the sum of all weights. */
  readonly weight: number;
}

export function sharesOf(references: References, api: FoundApi): Share[] {
  const { stack, properties } = api.service;
  if (properties.LaunchType === 'FARGATE') return [{ provider: 'FARGATE', base: 0, weight: 1 }];
  const strategy: Json[] = properties.CapacityProviderStrategy ?? [];
  if (strategy.length > 0) return strategy.map((line) => shareOf(references, api, stack, line));
  const [associations, lines] = clusterDefault(references, api);
  if (lines.length > 0 && associations) return lines.map((line) => shareOf(references, api, associations.stack, line));
  throw new CommandFailure('unknown_capacity', EXIT.failed, `Nothing says which instances ${api.name} runs on.`, {
    hint: 'An estimate needs a capacity provider: of the service, or as the default of its cluster.',
  });
}

function clusterDefault(references: References, api: FoundApi): [Placed | undefined, Json[]] {
  const associations = references.all('AWS::ECS::ClusterCapacityProviderAssociations').find(({ stack, properties }) => {
    const cluster = references.target(stack, properties.Cluster);
    return cluster && api.cluster && isSame(cluster, api.cluster);
  });
  const lines = associations?.properties.DefaultCapacityProviderStrategy;
  if (lines?.length) return [associations, lines];
  return [api.cluster, api.cluster?.properties.DefaultCapacityProviderStrategy ?? []];
}

function shareOf(references: References, api: FoundApi, stack: Placed['stack'], line: Json): Share {
  const { CapacityProvider: name, Base: base = 0, Weight: weight = 0 } = line;
  if (name === 'FARGATE' || name === 'FARGATE_SPOT') return { provider: name, base, weight };
  const provider = references.target(stack, name) ?? byName(references, name);
  if (provider) return { provider, base, weight };
  throw new CommandFailure(
    'unknown_capacity',
    EXIT.failed,
    `${api.name} runs on the capacity provider ${JSON.stringify(name)}, which this assembly does not define.`,
    { hint: 'What its instances cost cannot be told. Define the provider in the app, or leave the stack out: --stack' },
  );
}

function byName(references: References, name: Json): Placed | undefined {
  return references.all('AWS::ECS::CapacityProvider').find(({ properties }) => properties.Name === name);
}

/** How many of so many replicas each line gets, as ECS spreads them in the long run: fractions are averages. */
export function spread(replicas: number, shares: readonly Share[]): number[] {
  const based = shares.map(({ base }) => base);
  const first: number[] = [];
  let left = replicas;
  for (const base of based) {
    const taken = Math.min(base, left);
    first.push(taken);
    left -= taken;
  }
  const weights = shares.reduce((total, { weight }) => total + weight, 0);
  return shares.map(({ weight }, index) => (first[index] ?? 0) + (weights === 0 ? 0 : (left * weight) / weights));
}
