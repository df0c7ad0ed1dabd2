/** Limits of numbers, texts and lists: which of them a value of the one schema may break of the other. */
import { isDeepStrictEqual } from 'node:util';
import type { Schema } from './schema';

/** What `wide` asks for and `narrow` does not promise, in words that follow a place: `must be at least 1`. */
export function brokenLimits(narrow: Schema, wide: Schema, type: string | undefined): string[] {
  if (type === 'number' || type === 'integer') return [...bounds(narrow, wide), ...multiples(narrow, wide, type)];
  if (type === 'string') return [...sizes(narrow, wide, 'Length', 'characters'), ...forms(narrow, wide)];
  if (type === 'array') return [...sizes(narrow, wide, 'Items', 'items'), ...uniqueness(narrow, wide)];
  return type === 'object' ? sizes(narrow, wide, 'Properties', 'members') : [];
}

interface Bound {
  readonly at: number;
  readonly excluded: boolean;
}

function bounds(narrow: Schema, wide: Schema): string[] {
  const below = breaks(lowest(narrow), lowest(wide), 1)
    ? [`must be ${shownBound(lowest(wide), 'least', 'above')}`]
    : [];
  const above = breaks(highest(narrow), highest(wide), -1)
    ? [`must be ${shownBound(highest(wide), 'most', 'below')}`]
    : [];
  return [...below, ...above];
}

const lowest = (schema: Schema) => bound(schema, 'minimum', 'exclusiveMinimum', 1);
const highest = (schema: Schema) => bound(schema, 'maximum', 'exclusiveMaximum', -1);

/** The stricter of the two ways to say it; `sign` is that of strictness. */
function bound(schema: Schema, inclusive: string, exclusive: string, sign: 1 | -1): Bound {
  const none = -sign * Number.POSITIVE_INFINITY;
  const [at, beyond] = [numberOr(schema[inclusive], none), numberOr(schema[exclusive], none)];
  return sign * beyond >= sign * at && Number.isFinite(beyond)
    ? { at: beyond, excluded: true }
    : { at, excluded: false };
}

function breaks(narrow: Bound, wide: Bound, sign: 1 | -1): boolean {
  if (narrow.at === wide.at) return wide.excluded && !narrow.excluded;
  return sign * wide.at > sign * narrow.at;
}

function shownBound({ at, excluded }: Bound, most: string, beyond: string): string {
  return excluded ? `${beyond} ${at}` : `at ${most} ${at}`;
}

function multiples(narrow: Schema, wide: Schema, type: string): string[] {
  const step = wide.multipleOf;
  if (typeof step !== 'number') return [];
  const given = numberOr(narrow.multipleOf, type === 'integer' ? 1 : Number.NaN);
  const times = given / step;
  return Math.abs(times - Math.round(times)) < 1e-9 ? [] : [`must be a multiple of ${step}`];
}

function sizes(narrow: Schema, wide: Schema, what: string, unit: string): string[] {
  const [least, most] = [`min${what}`, `max${what}`];
  const few = numberOr(wide[least], 0) > numberOr(narrow[least], 0);
  const many = numberOr(wide[most], Number.POSITIVE_INFINITY) < numberOr(narrow[most], Number.POSITIVE_INFINITY);
  return [
    ...(few ? [`must have at least ${wide[least]} ${unit}`] : []),
    ...(many ? [`must have at most ${wide[most]} ${unit}`] : []),
  ];
}

function uniqueness(narrow: Schema, wide: Schema): string[] {
  return wide.uniqueItems === true && narrow.uniqueItems !== true ? ['must not repeat an item'] : [];
}

/** Whether one pattern lies within another nobody can tell: they are the same or not. */
function forms(narrow: Schema, wide: Schema): string[] {
  const changed = ['pattern', 'format', 'contentEncoding'].filter(
    (keyword) => wide[keyword] !== undefined && !isDeepStrictEqual(wide[keyword], narrow[keyword]),
  );
  return changed.map((keyword) => `must have the ${keyword} ${shown(wide[keyword])}`);
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}
