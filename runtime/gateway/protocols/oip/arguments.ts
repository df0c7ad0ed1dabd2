/**
 * Tensors become the arguments of predict(): each is a scalar, nested arrays of its shape, or, where the handler takes an
 * array of numbers, the array itself, which travels packed and never becomes JSON.
 *
 * What is checked. Always: the names, and of each tensor its data type and its dimensions against the parameter's schema.
 * The rest of the schema, bounds and choices and lengths, only while the tensors are small: to check it a value has to be
 * made of every element, which is what packed arrays are there to avoid. The worker converts, and refuses, all the same.
 */
import { type Datatype, elementsOfBytes, isFloat } from '../../datatype';
import { Errors, type InputError, ServingError, shown } from '../../errors';
import { isDeeperThan } from '../../json-depth';
import { encodePacked } from '../../packed';
import { type Check, parseBody } from '../../validate';
import type { InputTensor } from './request';
import { takes } from './schema-kind';
import { type Parameter, parameterDatatype, type Signature } from './signature';
import { decoded, elementTexts, NotJson, nest } from './write-data';

/** Of all tensors together: up to here the schema judges every element, and arrays that need not travel packed do not. */
const SMALL_BYTES = 64 * 1024;

export interface Arguments {
  /** JSON, or packed arrays. */
  readonly body: Buffer;
  readonly isPacked: boolean;
  /** The request is so many rows of a batch. */
  readonly rows?: number;
}

/** A tensor and the parameter that it is for. */
interface Bound {
  readonly name: string;
  readonly tensor: InputTensor;
  readonly parameter?: Parameter;
}

export function argumentsOf(
  inputs: readonly InputTensor[],
  signature: Signature,
  check: Check,
  maxJsonDepth: number,
): Arguments {
  const bound = bind(inputs, signature);
  const rows = signature.isBatched ? rowsOf(bound) : undefined;
  for (const one of bound) requireFit(one, rows === undefined ? 0 : 1);
  const bytes = inputs.reduce((sum, tensor) => sum + tensor.bytes.length, 0);
  if (bytes < SMALL_BYTES && bound.every(hasOnlyFinite)) judge(textOf(bound, maxJsonDepth), rows, bytes, check);
  if (rows !== undefined)
    return { body: encodePacked({ values: '{}', arrays: named(bound), rows }), isPacked: true, rows };
  const packed = bound.filter((one) => travelsPacked(one));
  const values = textOf(
    bound.filter((one) => !packed.includes(one)),
    maxJsonDepth,
  );
  const body = Buffer.from(values);
  if (isDeeperThan(maxJsonDepth, body))
    throw Errors.badRequest(`The arguments are nested more than ${maxJsonDepth} deep, the most this API allows.`);
  if (packed.length === 0) return { body, isPacked: false };
  return { body: encodePacked({ values, arrays: named(packed) }), isPacked: true };
}

const named = (bound: readonly Bound[]) => new Map(bound.map(({ name, tensor }) => [name, tensor]));

/** By name; where one parameter meets one tensor, no name is needed. */
function bind(inputs: readonly InputTensor[], { parameters, isOpen }: Signature): Bound[] {
  const [only] = [...parameters.values()];
  if (inputs.length === 1 && parameters.size === 1 && only !== undefined)
    return [{ name: only.name, tensor: inputs[0] as InputTensor, parameter: only }];
  const known = [...parameters.keys()].map((name) => `'${name}'`).join(', ') || 'none';
  for (const { name } of inputs) {
    if (!isOpen && !parameters.has(name))
      throw Errors.badRequest(`There is no input '${shown(name, 60)}'; there are: ${known}.`);
  }
  for (const { name, isRequired } of parameters.values()) {
    if (isRequired && !inputs.some((input) => input.name === name))
      throw Errors.badRequest(`The input '${name}' is missing.`);
  }
  return inputs.map((tensor) => ({ name: tensor.name, tensor, parameter: parameters.get(tensor.name) }));
}

/** How many rows the request is: every tensor has them along its first axis, before the dimensions of its parameter. */
function rowsOf(bound: readonly Bound[]): number | undefined {
  const [first] = bound;
  const rows = first?.tensor.shape[0];
  if (rows === undefined || !bound.every(({ tensor, parameter }) => hasRows(tensor, parameter, rows))) return undefined;
  if (rows === 0) throw Errors.badRequest('The request has no rows.');
  const text = bound.find(isJsonText);
  if (text !== undefined)
    throw Errors.badRequest(`The input '${text.name}' is JSON, of which a request has one row; send its rows apart.`);
  return rows;
}

/** Where the schema does not say how many dimensions a row has, the first axis is the batch, as everywhere in the protocol. */
function hasRows({ shape }: InputTensor, parameter: Parameter | undefined, rows: number): boolean {
  const expected = parameter?.kind.shape;
  return shape[0] === rows && (expected === undefined ? shape.length > 1 : shape.length === expected.length + 1);
}

/** `outer`: the dimensions before those of the parameter. */
function requireFit(bound: Bound, outer: number): void {
  const { name, tensor, parameter } = bound;
  if (parameter === undefined || isJsonText(bound)) return;
  const { datatype, shape } = tensor;
  if (!takes(parameter.kind, datatype))
    throw Errors.badRequest(
      `The input '${name}' is ${datatype}; predict() takes ${parameterDatatype(parameter)} there.`,
    );
  const expected = parameter.kind.shape;
  if (expected === undefined || isScalar(bound)) return;
  const inner = shape.slice(outer);
  if (inner.length === expected.length && inner.every((size, axis) => [-1, size].includes(expected[axis]))) return;
  const wanted = expected.length === 0 ? 'a single value' : `the shape [${expected}]`;
  throw Errors.badRequest(`The input '${name}' has the shape [${shape}]; predict() takes ${wanted} there.`);
}

/** One value for a parameter that is one: clients of the protocol send those with dimensions of 1. */
const isScalar = ({ tensor: { shape }, parameter }: Bound) =>
  shape.every((dimension) => dimension === 1) && (shape.length === 0 || parameter?.kind.shape?.length === 0);

const isJsonText = ({ tensor: { datatype, parameters }, parameter }: Bound) =>
  datatype === 'BYTES' && (parameters.content_type === 'json' || parameter?.kind.element === 'json');

const hasOnlyFinite = ({ tensor }: Bound): boolean => {
  if (!isFloat(tensor.datatype)) return true;
  try {
    return elementTexts(tensor).length >= 0;
  } catch {
    return false;
  }
};

const isNumeric = (datatype: Datatype) => datatype !== 'BOOL' && datatype !== 'BYTES';

function travelsPacked({ tensor: { datatype, shape, bytes }, parameter }: Bound): boolean {
  if (parameter === undefined || shape.length === 0 || !isNumeric(datatype)) return false;
  if (parameter.packedAs !== undefined) return true;
  const { element, shape: expected } = parameter.kind;
  const isArray = expected !== undefined && expected.length > 0;
  return isArray && (element === 'integer' || element === 'number') && bytes.length >= SMALL_BYTES;
}

/** The arguments as JSON. */
const textOf = (bound: readonly Bound[], maxJsonDepth: number) =>
  `{${bound.map((one) => `${JSON.stringify(one.name)}:${valueText(one, maxJsonDepth)}`).join(',')}}`;

function valueText(bound: Bound, maxJsonDepth: number): string {
  const { name, tensor } = bound;
  try {
    if (isJsonText(bound)) return jsonText(bound, maxJsonDepth);
    const texts = elementTexts(tensor);
    return isScalar(bound) ? (texts[0] as string) : nest(texts, tensor.shape);
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    throw Errors.badRequest(`The input '${name}' cannot be an argument: ${error.message}.`);
  }
}

/** One text is the argument itself, unless that is an array and the text is one of its items. */
function jsonText({ tensor: { bytes, shape }, parameter }: Bound, maxJsonDepth: number): string {
  const texts = Array.from(elementsOfBytes(bytes), (element, index) => {
    try {
      parseBody(element, maxJsonDepth);
    } catch (error) {
      if (error instanceof ServingError) throw new NotJson(`element ${index} is not JSON: ${error.message}`);
      throw error;
    }
    return decoded(element, index);
  });
  const [only = ''] = texts;
  const isWhole = !(parameter?.kind.shape?.length ?? 0) || only.trimStart().startsWith('[');
  return texts.length === 1 && isWhole ? only : nest(texts, shape);
}

function judge(text: string, rows: number | undefined, bytes: number, check: Check): void {
  const value = JSON.parse(text) as Record<string, unknown[]>;
  const errors: InputError[] = [];
  if (rows === undefined) errors.push(...check(value, bytes));
  for (let row = 0; row < (rows ?? 0) && errors.length === 0; row += 1) {
    const one = Object.fromEntries(Object.entries(value).map(([name, column]) => [name, column[row]]));
    errors.push(...check(one, bytes).map(({ path, message }) => ({ path: path.replace('$', `$[${row}]`), message })));
  }
  if (errors.length > 0) throw Errors.invalidInput(errors);
}
