/** What stands in for CloudFormation where moto's leaves a resource out: a call to the service's own API. */
import type { clientOptions } from '../deployment';

/** Properties of a resource, with every function of the template resolved. */
// biome-ignore lint/suspicious/noExplicitAny: they come from a template, whose types no SDK knows.
export type Properties = any;

export type ClientOptions = ReturnType<typeof clientOptions>;

export interface Echo {
  readonly sent: object;
  /** What the service then says it has. */
  readonly received: object | undefined;
  /** What a `Ref` to the resource becomes in the resources that are defined after it. */
  readonly physicalId?: string;
}

/**
 * The call by which CloudFormation would define a resource, and what the service then says it has. The AWS SDK drops
 * properties that the API does not have, so that a misspelt one is missed in what comes back. `physicalId` is given for a
 * resource that is there already.
 */
export type OwnApi = (properties: Properties, options: ClientOptions, physicalId?: string) => Promise<Echo>;

/** Some services write in their API in camel case what CloudFormation writes with a capital first letter. */
export function inCamelCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inCamelCase);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, item]) => [key[0]?.toLowerCase() + key.slice(1), inCamelCase(item)]);
  return Object.fromEntries(entries);
}
