/**
 * A JSON Schema as a list of plain ones, each of a single type: references resolved, alternatives and lists of types taken
 * apart. Understands the schemas that a worker writes; of what libraries may add, it takes the parts that it knows.
 */

export type Schema = { readonly [keyword: string]: unknown };

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

export function branchesOf(schema: unknown, resolve: Resolve, seen: readonly string[] = []): Branch[] {
  if (schema === false) return [];
  if (!isSchema(schema)) return [{ schema: {} }];
  const { $ref, anyOf, oneOf, allOf, ...own } = schema;
  if (typeof $ref === 'string') {
    // A name that means itself means nothing.
    if (seen.includes($ref)) return [];
    return branchesOf(merged(resolve($ref), own), resolve, [...seen, $ref]);
  }
  if (Array.isArray(allOf))
    return branchesOf(allOf.map((part) => plain(part, resolve)).reduce(merged, own), resolve, seen);
  const options = anyOf ?? oneOf;
  if (Array.isArray(options)) return options.flatMap((option) => branchesOf(merged(option, own), resolve, seen));
  return byType(own);
}

function plain(part: unknown, resolve: Resolve): unknown {
  const { $ref, ...own } = isSchema(part) ? part : {};
  return typeof $ref === 'string' ? merged(resolve($ref), own) : part;
}

/** What stands beside a reference or an alternative holds for it too. */
function merged(one: unknown, other: unknown): unknown {
  if (one === false || other === false) return false;
  return { ...(isSchema(other) && other), ...(isSchema(one) && one) };
}

function byType(schema: Schema): Branch[] {
  const values = 'const' in schema ? [schema.const] : (schema.enum as unknown[] | undefined);
  if (values !== undefined) return byValue(schema, values);
  const types = [schema.type ?? impliedType(schema)].flat() as (string | undefined)[];
  return types.map((type) => ({ type, schema }));
}

function byValue(schema: Schema, values: readonly unknown[]): Branch[] {
  const types = [...new Set(values.map(typeOf))];
  return types.map((type) => ({ type, values: values.filter((value) => typeOf(value) === type), schema }));
}

function impliedType(schema: Schema): string | undefined {
  if ('properties' in schema || 'required' in schema) return 'object';
  return 'items' in schema || 'prefixItems' in schema ? 'array' : undefined;
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

export function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
