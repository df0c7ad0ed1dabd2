/**
 * The smallest telling value that a JSON Schema takes: right in form, without a meaning. It knows what the worker's
 * schemas are made of; a pattern of the author's own is met where a run of one character meets it.
 */
import { exampleNumber, exampleText, type NumberSchema, type TextSchema } from './example-scalar';

/** The keywords of JSON Schema 2020-12 that decide about an example. */
export interface Schema extends NumberSchema, TextSchema {
  readonly $ref?: string;
  readonly $defs?: { readonly [name: string]: Schema };
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: { readonly [name: string]: Schema };
  readonly required?: readonly string[];
  readonly propertyNames?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly minProperties?: number;
  readonly prefixItems?: readonly Schema[];
  readonly items?: Schema | boolean;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
}

/** An example, or undefined where no finite value fits; the schema's definitions lie inside it. */
export function exampleValue(schema: object): unknown {
  return new Examples((schema as Schema).$defs ?? {}).of(schema as Schema, []);
}

class Examples {
  constructor(private readonly definitions: { readonly [name: string]: Schema }) {}

  /** `inside` are the references that led here: to follow one of them again would never end. */
  of(schema: Schema, inside: readonly string[]): unknown {
    if (schema.examples?.length) return schema.examples[0];
    if (schema.default !== undefined) return schema.default;
    if ('const' in schema) return schema.const;
    if (schema.enum?.length) return schema.enum[0];
    if (schema.$ref !== undefined) return this.referred(schema, schema.$ref, inside);
    if (schema.allOf || schema.anyOf || schema.oneOf) return this.composed(schema, inside);
    return this.ofType(schema, inside);
  }

  private referred({ $ref: _, ...own }: Schema, reference: string, inside: readonly string[]): unknown {
    if (inside.includes(reference)) return undefined;
    const definition = this.definitions[reference.replace('#/$defs/', '')];
    return this.of({ ...definition, ...own }, [...inside, reference]);
  }

  /** The first branch that has an example; what stands beside the branches holds for each of them. */
  private composed({ allOf = [], anyOf, oneOf, ...own }: Schema, inside: readonly string[]): unknown {
    const all: Schema = Object.assign({}, ...allOf, own);
    for (const branch of anyOf ?? oneOf ?? [{}]) {
      const example = this.of({ ...all, ...branch }, inside);
      if (example !== undefined) return example;
    }
    return undefined;
  }

  private ofType(schema: Schema, inside: readonly string[]): unknown {
    const types = [schema.type ?? []].flat();
    switch (types.find((type) => type !== 'null')) {
      case 'object':
        return this.object(schema, inside);
      case 'array':
        return this.array(schema, inside);
      case 'string':
        return exampleText(schema);
      case 'integer':
      case 'number':
        return exampleNumber(schema, types.includes('number'));
      case 'boolean':
        return true;
      default:
        return null;
    }
  }

  /** What has to be there; and tags, by which a union is told apart even where they have a default. */
  private object(schema: Schema, inside: readonly string[]): object | undefined {
    const { properties = {}, required = [] } = schema;
    const tags = Object.keys(properties).filter((name) => 'const' in properties[name]);
    const names = [...new Set([...tags, ...required])];
    const entries = names.map((name) => [name, this.of(properties[name] ?? {}, inside)]);
    if (entries.some(([, value]) => value === undefined)) return undefined;
    return Object.fromEntries([...entries, ...this.freeEntries(schema, names.length, inside)]);
  }

  private freeEntries(schema: Schema, taken: number, inside: readonly string[]): [string, unknown][] {
    const missing = Math.max(0, (schema.minProperties ?? 0) - taken);
    const value = this.of(schemaOrAny(schema.additionalProperties), inside);
    const name = schema.propertyNames && this.of({ type: 'string', ...schema.propertyNames }, inside);
    return Array.from({ length: missing }, (_, index) => [`${index === 0 && name ? name : index + 1}`, value]);
  }

  /** One item at least, where there may be one: an empty array shows nothing. */
  private array(schema: Schema, inside: readonly string[]): unknown[] | undefined {
    const { prefixItems = [], minItems = prefixItems.length, maxItems = Number.POSITIVE_INFINITY } = schema;
    const least = schema.items === false ? minItems : Math.min(Math.max(minItems, 1), maxItems);
    const values = Array.from({ length: least }, (_, index) =>
      this.of(prefixItems[index] ?? schemaOrAny(schema.items), inside),
    );
    if (!values.includes(undefined)) return schema.uniqueItems ? distinct(values) : values;
    return minItems === 0 ? [] : undefined;
  }
}

const schemaOrAny = (schema: Schema | boolean | undefined): Schema => (typeof schema === 'object' ? schema : {});

/** Numbers counted on and texts numbered; of other kinds one is all there is to show. */
function distinct(values: readonly unknown[]): unknown[] {
  return values.map((value, index) => {
    if (index === 0) return value;
    if (typeof value === 'number') return value + index;
    return typeof value === 'string' ? `${value}${index + 1}` : value;
  });
}
