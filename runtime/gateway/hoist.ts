/**
 * Moves the definitions of several schemas (`#/$defs/X`) into one set of named schemas (`#/components/schemas/X`). Two
 * definitions of one name that say the same become one; a different one takes its owner's name in front.
 */
import { isDeepStrictEqual } from 'node:util';
import type { JsonSchema } from '../contract/handler';

type Schemas = Record<string, JsonSchema>;

/** Keywords whose values are data, in which nothing is a reference. */
const DATA_KEYWORDS = new Set(['const', 'default', 'enum', 'example', 'examples']);

/** Keywords whose values map any names to schemas: a property may be called `default`. */
const MAP_KEYWORDS = new Set(['properties', 'patternProperties', 'dependentSchemas', '$defs']);

export function hoist(owners: Readonly<Schemas>, reserved: Readonly<Schemas>): Schemas {
  const hoisted: Schemas = { ...reserved };
  // Owners keep their names, whatever their definitions are called.
  for (const owner of Object.keys(owners)) hoisted[owner] = {};
  for (const [owner, { $defs = {}, ...schema }] of Object.entries(owners)) {
    const names = new Map(Object.keys($defs as Schemas).map((name) => [name, componentName(name)]));
    const clashes = ([name, definition]: [string, JsonSchema]) => {
      const existing = hoisted[names.get(name) as string];
      return existing !== undefined && !isDeepStrictEqual(existing, point(definition, names));
    };
    for (const [name] of Object.entries($defs as Schemas).filter(clashes))
      names.set(name, `${owner}${componentName(name)}`);
    for (const [name, definition] of Object.entries($defs as Schemas)) {
      hoisted[names.get(name) as string] = point(definition, names);
    }
    hoisted[owner] = point(schema, names);
  }
  return hoisted;
}

/** Names of components allow fewer characters than names of definitions. */
const componentName = (name: string) => name.replace(/[^\w.-]/g, '_');

type Names = ReadonlyMap<string, string>;

/** The schema with its references pointing at components. */
function point(schema: JsonSchema, names: Names): JsonSchema {
  return Object.fromEntries(
    Object.entries(schema).map(([keyword, value]) => [keyword, pointIn(keyword, value, names)]),
  );
}

function pointIn(keyword: string, value: unknown, names: Names): unknown {
  if (DATA_KEYWORDS.has(keyword)) return value;
  if (keyword === '$ref') return pointReference(value as string, names);
  if (keyword === 'mapping') return mapValues(value as object, (target) => pointReference(target as string, names));
  if (MAP_KEYWORDS.has(keyword)) return mapValues(value as object, (inner) => pointAny(inner, names));
  return pointAny(value, names);
}

function pointAny(value: unknown, names: Names): unknown {
  if (Array.isArray(value)) return value.map((item) => pointAny(item, names));
  return typeof value === 'object' && value !== null ? point(value as JsonSchema, names) : value;
}

function pointReference(target: string, names: Names): string {
  const name = names.get(target.replace(/^#\/\$defs\//, ''));
  return name === undefined ? target : `#/components/schemas/${name}`;
}

const mapValues = (object: object, map: (value: unknown) => unknown) =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));
