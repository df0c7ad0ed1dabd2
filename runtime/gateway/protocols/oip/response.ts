/**
 * The body of an inference response: a JSON object, behind which the bytes of the outputs that were asked for so follow.
 * Byte for byte as Triton writes it: data is flat, and a response without bytes has no header that counts them.
 */
import type { Answer } from '../../answer';
import type { Tensor } from '../../datatype';
import { Errors, type ServingError, shown } from '../../errors';
import type { InferRequest, RequestedOutput } from './request';
import type { Signature } from './signature';
import { elementTexts, NotJson } from './write-data';

export interface OutputTensor extends Tensor {
  readonly name: string;
  /** The elements are texts of JSON. */
  readonly isJson?: boolean;
}

/** Whose answer it is: an API without a version names none. */
export interface ModelIdentity {
  readonly name: string;
  readonly version?: string;
}

type Wanted = Pick<InferRequest, 'id' | 'outputs' | 'binaryOutput'>;

export function writeResponse(model: ModelIdentity, wanted: Wanted, results: readonly OutputTensor[]): Answer {
  const binary: Buffer[] = [];
  const texts = chosen(wanted.outputs, results).map(([output, asked]) => {
    if (!(asked?.binary ?? wanted.binaryOutput)) return outputText(output, [], `,"data":[${dataText(output)}]`);
    binary.push(output.bytes);
    return outputText(output, [`"binary_data_size":${output.bytes.length}`], '');
  });
  const members = [
    `"model_name":${JSON.stringify(model.name)}`,
    ...(model.version === undefined ? [] : [`"model_version":${JSON.stringify(model.version)}`]),
    ...(wanted.id === undefined ? [] : [`"id":${JSON.stringify(wanted.id)}`]),
    `"outputs":[${texts.join(',')}]`,
  ];
  const json = `{${members.join(',')}}`;
  if (binary.every((bytes) => bytes.length === 0)) return { status: 200, contentType: 'application/json', body: json };
  const head = Buffer.from(json);
  const headers = { 'Inference-Header-Content-Length': String(head.length) };
  return { status: 200, contentType: 'application/octet-stream', body: Buffer.concat([head, ...binary]), headers };
}

/** In the order in which they were asked for. */
function chosen(
  asked: readonly RequestedOutput[] | undefined,
  results: readonly OutputTensor[],
): (readonly [OutputTensor, RequestedOutput?])[] {
  if (asked === undefined || asked.length === 0) return results.map((result) => [result]);
  return asked.map((one) => {
    const result = results.find(({ name }) => name === one.name);
    if (result !== undefined) return [result, one];
    throw unknownOutput(
      one,
      Array.from(results, ({ name }) => name),
    );
  });
}

/** Before the handler runs, whose work would be for nothing; of a handler that does not say, only its result tells. */
export function requireOutputs(asked: readonly RequestedOutput[] = [], { outputs, knowsAllOutputs }: Signature): void {
  const unknown = asked.find(({ name }) => knowsAllOutputs && !outputs.has(name));
  if (unknown !== undefined) throw unknownOutput(unknown, [...outputs.keys()]);
}

function unknownOutput({ name }: RequestedOutput, names: readonly string[]): ServingError {
  const known = names.map((one) => `'${one}'`).join(', ');
  return Errors.badRequest(`There is no output '${shown(name, 60)}'; there ${known ? `is ${known}` : 'are none'}.`);
}

function outputText({ name, datatype, shape, isJson }: OutputTensor, parameters: string[], data: string): string {
  const all = isJson ? ['"content_type":"json"', ...parameters] : parameters;
  const shown = all.length === 0 ? '' : `,"parameters":{${all.join(',')}}`;
  return `{"name":${JSON.stringify(name)},"datatype":"${datatype}","shape":[${shape.join(',')}]${shown}${data}}`;
}

function dataText(output: OutputTensor): string {
  try {
    return elementTexts(output).join(',');
  } catch (error) {
    if (!(error instanceof NotJson)) throw error;
    throw Errors.badRequest(
      `The output '${output.name}' cannot be written as JSON: ${error.message}. Ask for it with the parameter "binary_data": true.`,
    );
  }
}
