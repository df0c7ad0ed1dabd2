/**
 * The body of an inference request, read: a JSON object, behind which the bytes of its binary tensors follow in their order.
 * Whatever is wrong with it is a bad request that says where; of a request that passes, every tensor has exactly the bytes
 * that its shape and its data type take.
 */
import { elementCount, isDatatype, MOST_DIMENSIONS, misfit, type Tensor } from '../../datatype';
import { Errors, shown } from '../../errors';
import { parseBody } from '../../validate';
import { parseExact } from './exact-json';
import { readData } from './read-data';

export type Parameters = Readonly<Record<string, string | number | boolean>>;

export interface InputTensor extends Tensor {
  readonly name: string;
  readonly parameters: Parameters;
}

export interface RequestedOutput {
  readonly name: string;
  /** Undefined when the request's own choice holds. */
  readonly binary?: boolean;
}

export interface InferRequest {
  readonly id?: string;
  readonly inputs: readonly InputTensor[];
  /** Undefined: all of them. */
  readonly outputs?: readonly RequestedOutput[];
  /** Whether outputs that say nothing else are answered as bytes. */
  readonly binaryOutput: boolean;
}

type Json = Readonly<Record<string, unknown>>;

/** The request, its inputs, one of those, its shape. */
const ENVELOPE_DEPTH = 4;

/**
 * Of all its tensors together. Each becomes an object of its own in the gateway, one at a time, while every other request
 * waits: a body within `maxBodyBytes` can hold millions that are empty.
 */
export const MOST_STRINGS = 262_144;

const LARGEST_INT = 2 ** 31 - 1;

/**
 * How many bytes of the body are JSON, by the header `Inference-Header-Content-Length`; without it all are. Of 0 the whole
 * body is the one tensor of a raw request.
 */
export function headBytes(header: string | undefined, bodyBytes: number): number {
  if (header === undefined) return bodyBytes;
  const fail = (why: string) =>
    Errors.badRequest(`Inference-Header-Content-Length ${why}, got '${shown(header, 60)}'.`);
  if (!/^\d+$/.test(header)) throw fail('must be a whole number of bytes');
  if (Number(header) > LARGEST_INT) throw fail(`must be at most ${LARGEST_INT}`);
  if (Number(header) > bodyBytes) throw fail(`must be at most the ${bodyBytes} bytes of the body`);
  return Number(header);
}

export function readRequest(body: Buffer, jsonBytes: number, maxJsonDepth: number): InferRequest {
  const request = readJson(body.subarray(0, jsonBytes), maxJsonDepth);
  const entries = list(request, 'inputs', 'The request');
  if (entries === undefined) throw Errors.badRequest("The request has no 'inputs'.");
  const parameters = parametersOf(request, 'The request');
  const binary = new BinaryTensors(body.subarray(jsonBytes));
  const strings = new StringCount();
  const inputs = entries.map((entry, index) => readInput(entry, `inputs[${index}]`, binary, strings));
  binary.requireNothingLeft();
  requireDistinct('input', inputs);
  const outputs = list(request, 'outputs', 'The request')?.map((entry, index) =>
    readOutput(entry, `outputs[${index}]`),
  );
  requireDistinct('output', outputs ?? []);
  const id = member(request, 'id');
  if (id !== undefined && typeof id !== 'string') throw Errors.badRequest("The request's 'id' is no string.");
  return { id, inputs, outputs, binaryOutput: flag(parameters, 'binary_data_output', 'The request') ?? false };
}

/** An argument stands two levels deeper in here than in the object of arguments that it becomes, which the limit is for. */
function readJson(bytes: Buffer, maxJsonDepth: number): Json {
  if (bytes.length === 0) throw Errors.badRequest('The body is empty; send an inference request.');
  const request = parseBody(bytes, Math.max(ENVELOPE_DEPTH, maxJsonDepth + 2));
  if (!isObject(request)) throw Errors.badRequest('The request is no JSON object.');
  return holdsLongIntegers(request) ? exact(bytes) : request;
}

/** Only these may be larger than what a double holds. */
function holdsLongIntegers({ inputs }: Json): boolean {
  return Array.isArray(inputs) && inputs.some((input) => /^U?INT64$/.test(input?.datatype) && input.data != null);
}

function exact(bytes: Buffer): Json {
  try {
    return parseExact(bytes.toString()) as Json;
  } catch (error) {
    if (error instanceof RangeError) throw Errors.badRequest('The request is nested too deeply.');
    throw error;
  }
}

function readInput(entry: unknown, at: string, binary: BinaryTensors, strings: StringCount): InputTensor {
  const { input, name, where } = named(entry, at, 'input');
  const datatype = member(input, 'datatype');
  if (datatype === 'BF16') throw Errors.badRequest(`${where}: BF16 is not supported; send FP32.`);
  if (!isDatatype(datatype)) throw Errors.badRequest(`${where}: its datatype is missing, or none of the protocol's.`);
  const { shape, count } = shapeOf(input, where);
  if (datatype === 'BYTES') strings.add(count, where);
  const parameters = parametersOf(input, where);
  refuseSharedMemory(parameters, where);
  const data = member(input, 'data');
  const size = parameters.binary_data_size;
  if (size === undefined && data === undefined)
    throw Errors.badRequest(`${where}: it has neither 'data' nor the parameter 'binary_data_size'.`);
  if (size === undefined) {
    const bytes = readData(where, datatype, shape, data);
    return { name, datatype, shape, parameters, bytes };
  }
  if (data !== undefined) throw Errors.badRequest(`${where}: it has both 'data' and the parameter 'binary_data_size'.`);
  const bytes = binary.take(size, where);
  const why = misfit(datatype, count, bytes);
  if (why !== undefined) throw Errors.badRequest(`${where}: ${why}.`);
  return { name, datatype, shape, parameters, bytes };
}

function shapeOf(input: Json, where: string): { shape: readonly number[]; count: number } {
  const shape = member(input, 'shape');
  if (!Array.isArray(shape)) throw Errors.badRequest(`${where}: its 'shape' is no array.`);
  if (shape.length > MOST_DIMENSIONS)
    throw Errors.badRequest(`${where}: its shape has more than ${MOST_DIMENSIONS} dimensions.`);
  if (!shape.every(isDimension))
    throw Errors.badRequest(`${where}: the dimensions of its shape must be whole numbers from 0 up.`);
  const count = elementCount(shape);
  if (count === undefined) throw Errors.badRequest(`${where}: its shape makes more elements than can be counted.`);
  return { shape, count };
}

const isDimension = (value: unknown) =>
  typeof value === 'bigint' ? value >= 0n : Number.isInteger(value) && (value as number) >= 0;

function readOutput(entry: unknown, at: string): RequestedOutput {
  const { input: output, name, where } = named(entry, at, 'output');
  const parameters = parametersOf(output, where);
  refuseSharedMemory(parameters, where);
  if (parameters.classification) throw Errors.badRequest(`${where}: classification is not supported.`);
  return { name, binary: flag(parameters, 'binary_data', where) };
}

function named(entry: unknown, at: string, kind: string): { input: Json; name: string; where: string } {
  if (!isObject(entry)) throw Errors.badRequest(`${at} is no object.`);
  const name = member(entry, 'name');
  if (typeof name !== 'string') throw Errors.badRequest(`${at}: its 'name' is no string.`);
  return { input: entry, name, where: `The ${kind} '${shown(name, 60)}'` };
}

function refuseSharedMemory(parameters: Parameters, where: string): void {
  if (parameters.shared_memory_region !== undefined)
    throw Errors.badRequest(`${where}: shared memory is not supported; send its data.`);
}

/** By their shapes, which say how many there are before one is looked at: what does not fit its shape is refused anyway. */
class StringCount {
  #count = 0;

  add(count: number, where: string): void {
    this.#count += count;
    if (this.#count > MOST_STRINGS)
      throw Errors.badRequest(
        `${where}: with its elements the request has more than ${MOST_STRINGS} of BYTES; send several requests.`,
      );
  }
}

/** The part of the body behind the JSON, from which tensors are taken in their order. */
class BinaryTensors {
  #at = 0;

  constructor(private readonly bytes: Buffer) {}

  take(size: unknown, where: string): Buffer {
    if (!Number.isSafeInteger(size) || (size as number) < 0)
      throw Errors.badRequest(`${where}: its 'binary_data_size' must be a whole number of bytes.`);
    const left = this.bytes.length - this.#at;
    if ((size as number) > left)
      throw Errors.badRequest(
        `${where}: its 'binary_data_size' is ${size}, and the body has ${left} bytes left for it.`,
      );
    this.#at += size as number;
    return this.bytes.subarray(this.#at - (size as number), this.#at);
  }

  requireNothingLeft(): void {
    const left = this.bytes.length - this.#at;
    if (left > 0) throw Errors.badRequest(`The body has ${left} bytes more than its inputs take.`);
  }
}

function requireDistinct(kind: string, tensors: readonly { readonly name: string }[]): void {
  const seen = new Set<string>();
  for (const { name } of tensors) {
    if (seen.has(name)) throw Errors.badRequest(`The ${kind} '${shown(name, 60)}' is there more than once.`);
    seen.add(name);
  }
}

/** Clients write what they leave out as null. */
const member = (object: Json, name: string): unknown =>
  (Object.hasOwn(object, name) ? object[name] : null) ?? undefined;

function list(object: Json, name: string, where: string): readonly unknown[] | undefined {
  const value = member(object, name);
  if (value !== undefined && !Array.isArray(value)) throw Errors.badRequest(`${where}: its '${name}' are no array.`);
  return value;
}

function parametersOf(object: Json, where: string): Parameters {
  const parameters = member(object, 'parameters') ?? {};
  if (!isObject(parameters)) throw Errors.badRequest(`${where}: its 'parameters' are no object.`);
  for (const [name, value] of Object.entries(parameters)) {
    if (!['string', 'number', 'bigint', 'boolean'].includes(typeof value))
      throw Errors.badRequest(
        `${where}: its parameter '${shown(name, 60)}' must be a string, a number, true or false.`,
      );
  }
  return parameters as Parameters;
}

function flag(parameters: Parameters, name: string, where: string): boolean | undefined {
  const value = parameters[name];
  if (value !== undefined && typeof value !== 'boolean')
    throw Errors.badRequest(`${where}: its parameter '${name}' must be true or false.`);
  return value;
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
