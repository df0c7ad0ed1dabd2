/**
 * A JSON Schema as a list of plain ones, each of a single type: references resolved, alternatives and lists of types taken
 * apart, and what must hold together put together.
 */
import { isSchema, type Schema } from './schema';
import { both } from './schema-intersection';
import type { Steps } from './steps';

/** Values of one type, or of any where `type` is left out. */
export interface Branch {
  readonly type?: string;
  /** The only values, where they are listed. */
  readonly values?: readonly unknown[];
  readonly schema: Schema;
}

/** Finds what `#/components/schemas/X` means. */
export type Resolve = (reference: string) => unknown;

/** A reference inside a document. What leads nowhere allows anything: nothing can be said against it. */
export function resolverOf(document: unknown): Resolve {
  return (reference) => {
    const names = reference.replace(/^#\//, '').split('/');
    const decoded = names.map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
    return decoded.reduce<unknown>((place, name) => (place as Schema | undefined)?.[name], document) ?? {};
  };
}

export function branchesOf(schema: unknown, resolve: Resolve, steps: Steps): Branch[] {
  return together(new Branches(resolve, steps).of(schema, []).map(ofImpliedType));
}

class Branches {
  constructor(
    private readonly resolve: Resolve,
    private readonly steps: Steps,
  ) {}

  of(schema: unknown, seen: readonly string[]): Branch[] {
    this.steps.take();
    if (schema === false) return [];
    if (!isSchema(schema)) return [{ schema: {} }];
    const { $ref, anyOf, oneOf, allOf, ...own } = schema;
    const groups = [byType(own)];
    // A name that means itself means nothing.
    if (typeof $ref === 'string') groups.push(seen.includes($ref) ? [] : this.of(this.resolve($ref), [...seen, $ref]));
    for (const part of Array.isArray(allOf) ? allOf : []) groups.push(this.of(part, seen));
    for (const options of [anyOf, oneOf]) {
      if (Array.isArray(options)) groups.push(options.flatMap((option) => this.of(option, seen)));
    }
    return groups.reduce((ones, others) => ones.flatMap((one) => others.flatMap((other) => this.#both(one, other))));
  }

  /** None where nothing can be both. */
  #both(one: Branch, other: Branch): Branch[] {
    this.steps.take();
    const type = commonType(one.type, other.type);
    if (type === false) return [];
    const lists = [one.values, other.values].filter((list) => list !== undefined);
    const [values] = lists.length < 2 ? lists : [common(lists[0] ?? [], lists[1] ?? [])];
    return values?.length === 0 ? [] : [{ type, values, schema: both(one.schema, other.schema) }];
  }
}

function common(ones: readonly unknown[], others: readonly unknown[]): unknown[] {
  const texts = new Set(others.map((other) => JSON.stringify(other)));
  return ones.filter((one) => texts.has(JSON.stringify(one)));
}

/** `false`: none. */
function commonType(one?: string, other?: string): string | undefined | false {
  if (one === undefined || other === undefined || one === other) return one ?? other;
  return [one, other].sort().join() === 'integer,number' ? 'integer' : false;
}

function byType(schema: Schema): Branch[] {
  const values = 'const' in schema ? [schema.const] : schema.enum;
  if (Array.isArray(values)) return byValue(schema, values);
  const types = [schema.type].flat() as (string | undefined)[];
  return types.map((type) => ({ type, schema }));
}

function byValue(schema: Schema, values: readonly unknown[]): Branch[] {
  const types = [...new Set(values.map(typeOf))];
  return types.map((type) => ({ type, values: values.filter((value) => typeOf(value) === type), schema }));
}

function ofImpliedType(branch: Branch): Branch {
  const { type = impliedType(branch.schema) } = branch;
  // All that there are.
  const all = type === 'boolean' ? [false, true] : type === 'null' ? [null] : undefined;
  return { ...branch, type, values: branch.values ?? all };
}

function impliedType(schema: Schema): string | undefined {
  if ('properties' in schema || 'required' in schema) return 'object';
  return 'items' in schema || 'prefixItems' in schema ? 'array' : undefined;
}

/** Listed values of a type are one list, however many alternatives they stand in. */
function together(branches: readonly Branch[]): Branch[] {
  const lists = new Map<string | undefined, Branch>();
  const others: Branch[] = [];
  for (const branch of branches) {
    const { type, values } = branch;
    if (values === undefined) others.push(branch);
    else lists.set(type, { type, values: [...(lists.get(type)?.values ?? []), ...values], schema: {} });
  }
  return [...lists.values(), ...others];
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}
