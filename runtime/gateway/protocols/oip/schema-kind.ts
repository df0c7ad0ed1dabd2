/**
 * What a JSON Schema says of a value that could be a tensor: the type of its elements and its dimensions. A union, a schema
 * without a type and an array of anything say nothing, and then the tensor itself decides.
 */
import type { JsonSchema } from '../../../contract/handler';
import type { Datatype } from '../../datatype';

/** `json`: objects, which only text can say; `any`: not known. */
export type Element = 'integer' | 'number' | 'boolean' | 'string' | 'json' | 'any';

export interface Kind {
  readonly element: Element;
  /** Its dimensions, -1 for one of any length; a scalar has none. Undefined: not known. */
  readonly shape?: readonly number[];
}

const ANYTHING: Kind = { element: 'any' };

/** References within references: more is a schema that only refers to itself. */
const MOST_REFERENCES = 32;

/** `root` is where the definitions are. */
export function kindOf(schema: JsonSchema, root: JsonSchema): Kind {
  const { type, items, prefixItems, minItems, maxItems } = resolve(schema, root);
  const [only, ...others] = [type].flat().filter((name) => name !== 'null');
  if (only === undefined || others.length > 0) return ANYTHING;
  if (only === 'object') return { element: 'json', shape: [] };
  if (only !== 'array') return { element: only as Element, shape: [] };
  const length = minItems === maxItems && typeof minItems === 'number' ? minItems : -1;
  const { element, shape } = elementKind((prefixItems ?? items) as JsonSchema | JsonSchema[] | undefined, root);
  return { element, shape: shape && [length, ...shape] };
}

function elementKind(items: JsonSchema | JsonSchema[] | undefined, root: JsonSchema): Kind {
  if (items === undefined) return ANYTHING;
  const kinds = [items].flat().map((item) => kindOf(item, root));
  const [first = ANYTHING] = kinds;
  return kinds.every((kind) => JSON.stringify(kind) === JSON.stringify(first)) ? first : ANYTHING;
}

/** The schema that references lead to, and the one that is left when null is taken from a choice. */
export function resolve(schema: JsonSchema, root: JsonSchema): JsonSchema {
  let found = schema;
  for (let count = 0; count < MOST_REFERENCES; count += 1) {
    const next = referred(found, root) ?? withoutNull(found);
    if (next === undefined) return found;
    found = next;
  }
  return {};
}

function referred({ $ref }: JsonSchema, { $defs = {} }: JsonSchema): JsonSchema | undefined {
  if (typeof $ref !== 'string') return undefined;
  return ($defs as Record<string, JsonSchema>)[$ref.replace(/^#\/\$defs\//, '')] ?? {};
}

function withoutNull({ anyOf }: JsonSchema): JsonSchema | undefined {
  if (!Array.isArray(anyOf)) return undefined;
  const others = (anyOf as JsonSchema[]).filter(({ type }) => type !== 'null');
  return others.length === 1 ? others[0] : undefined;
}

const DATATYPES: Readonly<Record<Element, Datatype>> = {
  integer: 'INT64',
  number: 'FP64',
  boolean: 'BOOL',
  string: 'BYTES',
  json: 'BYTES',
  any: 'BYTES',
};

export const datatypeOf = ({ element }: Kind): Datatype => DATATYPES[element];

const FITTING: Readonly<Record<Element, RegExp>> = {
  integer: /INT/,
  number: /INT|FP/,
  boolean: /BOOL/,
  string: /BYTES/,
  json: /BYTES/,
  any: /./,
};

/** Integers are numbers; nothing else is taken for something that it is not. */
export const takes = ({ element }: Kind, datatype: Datatype): boolean => FITTING[element].test(datatype);
