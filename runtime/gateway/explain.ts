/** Turns a schema's verdict into sentences for the person who sent the input: where, what was expected, what came. */
import type { ErrorObject } from 'ajv';
import { didYouMean } from './did-you-mean';
import type { InputError } from './errors';

type Schema = Record<string, unknown>;

export function explain(errors: readonly ErrorObject[]): InputError[] {
  const told = errors.filter((error) => !isSummedUp(error, errors));
  return distinct(told.map((error) => ({ path: pathOf(error), message: messageOf(error) })));
}

/** A value that breaks both `type` and `enum` would be told the same twice. */
function distinct(errors: readonly InputError[]): InputError[] {
  return [...new Map(errors.map((error) => [`${error.path}: ${error.message}`, error])).values()];
}

/**
 * A union fails with an error of each branch, then one of its own. When the value has the kind of one branch and breaks
 * inside it, that branch's errors say more than the union's; otherwise the union's sums up what its branches expected.
 */
function isSummedUp(error: ErrorObject, errors: readonly ErrorObject[]): boolean {
  if (isUnion(error)) return branchErrors(error, errors).some((branch) => !isOfWrongKind(branch, error));
  return errors.some(
    (other) => isUnion(other) && branchErrors(other, errors).includes(error) && isOfWrongKind(error, other),
  );
}

const isUnion = ({ keyword }: ErrorObject) => keyword === 'anyOf' || keyword === 'oneOf';

function branchErrors(union: ErrorObject, errors: readonly ErrorObject[]): ErrorObject[] {
  const inside = `${union.instancePath}/`;
  return errors
    .slice(0, errors.indexOf(union))
    .filter(({ instancePath }) => instancePath === union.instancePath || instancePath.startsWith(inside));
}

const isOfWrongKind = (error: ErrorObject, union: ErrorObject) =>
  error.instancePath === union.instancePath && (isUnion(error) || ['type', 'const', 'enum'].includes(error.keyword));

/** `/features/0` with the property it is about, as `$.features[0].name`. */
function pathOf({ instancePath, params }: ErrorObject): string {
  const steps = instancePath.split('/').slice(1).map(unescapePointer);
  const property = params.additionalProperty ?? params.unevaluatedProperty ?? params.missingProperty;
  return `$${[...steps, ...(property === undefined ? [] : [property])].map(step).join('')}`;
}

const unescapePointer = (text: string) => text.replaceAll('~1', '/').replaceAll('~0', '~');

function step(name: string): string {
  if (/^\d+$/.test(name)) return `[${name}]`;
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

type Say = (error: ErrorObject) => string;

const expectedKind: Say = (error) => `expected ${describe(error.parentSchema as Schema)}, got ${received(error)}`;
const unknown: Say = (error) => `is unknown${suggestion(error)}`;
const bound: Say = ({ message, data }) => `${message}, got ${data}`;
const form: Say = ({ keyword, params, data }) => `expected ${keyword} ${params[keyword]}, got ${show(data)}`;
const count = (bound: string, things: string): Say => {
  return ({ params, data }) => `expected ${bound} ${params.limit} ${things}, got ${lengthOf(data)}`;
};

/** Of a string in characters, as the schema counts them: its own length counts most emoji twice. */
const lengthOf = (data: unknown) => (typeof data === 'string' ? [...data] : (data as unknown[])).length;

const SAYINGS: Readonly<Record<string, Say>> = {
  type: expectedKind,
  enum: expectedKind,
  const: expectedKind,
  anyOf: expectedKind,
  oneOf: expectedKind,
  required: () => 'is missing',
  additionalProperties: unknown,
  unevaluatedProperties: unknown,
  minimum: bound,
  maximum: bound,
  exclusiveMinimum: bound,
  exclusiveMaximum: bound,
  multipleOf: bound,
  format: form,
  pattern: form,
  minItems: count('at least', 'items'),
  maxItems: count('at most', 'items'),
  items: count('at most', 'items'),
  minLength: count('at least', 'characters'),
  maxLength: count('at most', 'characters'),
};

const messageOf: Say = (error) => SAYINGS[error.keyword]?.(error) ?? error.message ?? 'is not allowed';

/** What a schema wants, in a few words: `string or null`, `'a' or 'b'`, the name of a definition. */
function describe(schema: Schema): string {
  const { anyOf, oneOf, type, $ref } = schema;
  if (Array.isArray(schema.enum)) return list(schema.enum.map(show));
  if ('const' in schema) return show(schema.const);
  if (Array.isArray(anyOf ?? oneOf)) return list(((anyOf ?? oneOf) as Schema[]).map(describe));
  if (typeof $ref === 'string') return $ref.split('/').pop() as string;
  return type === undefined ? 'something else' : list([type].flat().map(String));
}

function list(alternatives: readonly string[]): string {
  const distinct = [...new Set(alternatives)];
  return distinct.length < 2 ? String(distinct[0]) : `${distinct.slice(0, -1).join(', ')} or ${distinct.at(-1)}`;
}

/** The value where certain values are expected, its kind where a kind is. */
function received({ data, parentSchema }: ErrorObject): string {
  const isScalar = typeof data !== 'object' || data === null;
  return isScalar && namesValues(parentSchema as Schema) ? show(data) : kindOf(data);
}

function namesValues(schema: Schema): boolean {
  const branches = (schema.anyOf ?? schema.oneOf) as Schema[] | undefined;
  return branches?.every(namesValues) ?? ('enum' in schema || 'const' in schema);
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

/** A value short enough for a sentence. */
function show(value: unknown): string {
  const text = typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function suggestion({ params, parentSchema }: ErrorObject): string {
  const name = params.additionalProperty ?? params.unevaluatedProperty;
  const known = Object.keys((parentSchema?.properties as object) ?? {});
  const meant = didYouMean(name, known);
  if (meant !== undefined) return `; did you mean '${meant}'?`;
  return known.length === 0 ? '; nothing is expected here' : `; expected ${list(known.map(show))}`;
}
