/** A request to try first: the model's first sample, else what its schema gives away. */
import type { ModelSample } from '../../lib/image/samples';

/** Longer bodies wrap over half a screen, and are no help to read. */
const LONGEST_BODY = 600;

interface Schema {
  readonly type?: string;
  readonly properties?: { readonly [name: string]: Schema };
  readonly required?: readonly string[];
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
}

/** A command to paste into a shell. */
export function exampleCommand(url: string, samples: readonly ModelSample[], input: object): string {
  const sample = samples.map((each) => JSON.stringify(each.input)).find((text) => text.length <= LONGEST_BODY);
  const body = sample ?? JSON.stringify(exampleOf(input));
  return `curl ${url} -H 'content-type: application/json' -d '${body.replaceAll("'", "'\\''")}'`;
}

/** The smallest value of a schema's type: right in form, without a meaning. */
function exampleOf(schema: Schema): unknown {
  if (schema.examples?.length) return schema.examples[0];
  if (schema.default !== undefined) return schema.default;
  if (schema.enum?.length) return schema.enum[0];
  if (schema.type === 'object') return requiredProperties(schema);
  return { string: 'text', integer: 1, number: 1, boolean: true, array: [] }[schema.type ?? ''] ?? null;
}

function requiredProperties({ properties = {}, required = [] }: Schema): object {
  return Object.fromEntries(required.map((name) => [name, exampleOf(properties[name] ?? {})]));
}
