/** Two schemas that must both hold, as one: the members of either, and of each limit the stricter. */
import { isDeepStrictEqual } from 'node:util';
import { isSchema, type Schema } from './schema';

/** What becomes of a keyword that both have. */
type Merge = (one: unknown, other: unknown) => unknown;

const largest: Merge = (one, other) => Math.max(Number(one), Number(other));
const smallest: Merge = (one, other) => Math.min(Number(one), Number(other));
const holdsForBoth: Merge = (one, other) => ({ allOf: [one, other] });
const either: Merge = (one, other) => one === true || other === true;
const union: Merge = (one, other) => [...new Set([one, other].flat())];

const MERGES: { readonly [keyword: string]: Merge } = {
  minimum: largest,
  exclusiveMinimum: largest,
  minLength: largest,
  minItems: largest,
  minProperties: largest,
  maximum: smallest,
  exclusiveMaximum: smallest,
  maxLength: smallest,
  maxItems: smallest,
  maxProperties: smallest,
  items: holdsForBoth,
  additionalProperties: holdsForBoth,
  propertyNames: holdsForBoth,
  uniqueItems: either,
  required: union,
  properties: membersOfBoth,
  patternProperties: membersOfBoth,
  prefixItems: itemsOfBoth,
};

export function both(one: Schema, other: Schema): Schema {
  const shared = Object.keys(one).filter((keyword) => keyword in other);
  const merged = shared.map((keyword) => [keyword, mergedBy(keyword, one[keyword], other[keyword])]);
  return { ...one, ...other, ...Object.fromEntries(merged) };
}

function mergedBy(keyword: string, one: unknown, other: unknown): unknown {
  if (isDeepStrictEqual(one, other)) return one;
  if (one === false || other === false) return keyword === 'uniqueItems' ? either(one, other) : false;
  // Of two patterns nobody can say what both allow: a change of either is a change.
  return MERGES[keyword]?.(one, other) ?? (keyword in ANNOTATIONS ? other : { allOf: [one, other] });
}

/** They say nothing of values. The types and the listed values are the branches' to compare. */
const ANNOTATIONS = { title: 1, description: 1, default: 1, examples: 1, type: 1, enum: 1, const: 1, deprecated: 1 };

function membersOfBoth(one: unknown, other: unknown): unknown {
  if (!isSchema(one) || !isSchema(other)) return other;
  const shared = Object.keys(one).filter((name) => name in other);
  const merged = shared.map((name) => [name, { allOf: [one[name], other[name]] }]);
  return { ...one, ...other, ...Object.fromEntries(merged) };
}

function itemsOfBoth(one: unknown, other: unknown): unknown {
  const [ones, others] = [one, other].map((list) => (Array.isArray(list) ? list : [])) as [unknown[], unknown[]];
  const length = Math.max(ones.length, others.length);
  return Array.from({ length }, (_, index) => ({ allOf: [ones[index] ?? {}, others[index] ?? {}] }));
}
