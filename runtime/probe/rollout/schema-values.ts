/** Values that are listed: which of them the other schema has not, and what a single one is as a schema. */
import { isDeepStrictEqual } from 'node:util';
import type { Change, Way } from './change';
import type { Schema } from './schema';
import { isSchema } from './schema';
import type { Branch } from './schema-branches';
import { matches } from './schema-members';

export function listedChanges(way: Way, narrow: Branch, allowed: readonly unknown[]): Change[] {
  if (narrow.values === undefined) {
    const shown = allowed.map((value) => JSON.stringify(value)).join(', ');
    const what = way === 'sent' ? `must be one of ${shown} now` : `was one of ${shown}, and may be another now`;
    return [{ at: '', what }];
  }
  const added = narrow.values.filter((value) => !allowed.some((one) => isDeepStrictEqual(one, value)));
  return added.map((value) => {
    const shown = JSON.stringify(value);
    return { at: '', what: way === 'sent' ? `may not be ${shown} any more` : `may be ${shown} now` };
  });
}

/** The value as limits that it keeps itself, so that they can be compared with those of `wide`. */
export function schemaOfValue(value: unknown, wide: Schema): Schema {
  if (typeof value === 'number') return { minimum: value, maximum: value, multipleOf: value };
  if (typeof value === 'string') return ofText(value, wide.pattern);
  if (Array.isArray(value)) {
    const { length } = value;
    const isUnique = new Set(value.map((item) => JSON.stringify(item))).size === length;
    return { prefixItems: value.map(only), items: false, minItems: length, maxItems: length, uniqueItems: isUnique };
  }
  return isSchema(value) ? ofObject(value) : {};
}

function ofText(value: string, pattern: unknown): Schema {
  const length = [...value].length;
  const fits = typeof pattern === 'string' && matches(pattern, value, false);
  return { minLength: length, maxLength: length, ...(fits && { pattern }) };
}

function ofObject(value: Schema): Schema {
  const names = Object.keys(value);
  const properties = Object.fromEntries(names.map((name) => [name, only(value[name])]));
  const count = { minProperties: names.length, maxProperties: names.length };
  return { properties, required: names, additionalProperties: false, ...count };
}

function only(value: unknown): Schema {
  return { const: value };
}
