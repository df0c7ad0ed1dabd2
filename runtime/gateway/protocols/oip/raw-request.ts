/**
 * A raw binary request: its body is the one tensor, without a word about it, so that the handler's signature has to say what
 * it is. Of a batch it is one row, and every output is answered as bytes.
 */
import { ELEMENT_BYTES, joinBytes, type Tensor } from '../../datatype';
import { Errors } from '../../errors';
import type { InferRequest } from './request';
import { type Parameter, parameterDatatype, type Signature } from './signature';

export function rawRequest(body: Buffer, { parameters, isBatched }: Signature): InferRequest {
  const [parameter] = [...parameters.values()];
  if (parameter === undefined || parameters.size > 1)
    throw Errors.badRequest(`A raw binary request needs a model with one input; this one has ${parameters.size}.`);
  const { name } = parameter;
  const { shape, ...tensor } = rawTensor(parameter, body);
  const input = { name, ...tensor, shape: isBatched ? [1, ...shape] : shape, parameters: {} };
  return { inputs: [input], binaryOutput: true };
}

function rawTensor(parameter: Parameter, body: Buffer): Tensor {
  const datatype = parameterDatatype(parameter);
  const { shape: expected = [-1] } = parameter.kind;
  const fail = (why: string) => Errors.badRequest(`The raw input '${parameter.name}' ${why}.`);
  const size = ELEMENT_BYTES[datatype];
  if (size === undefined) {
    if (expected.length > 0 && parameter.kind.element !== 'any')
      throw fail('is more than one string; send its lengths');
    return { datatype, shape: [], bytes: joinBytes([body]) };
  }
  const variable = expected.filter((dimension) => dimension === -1).length;
  if (variable > 1) throw fail(`has ${variable} dimensions of any length, and its size tells no more than one`);
  const known = expected.reduce((product, dimension) => product * Math.abs(dimension), 1);
  const count = body.length / size;
  const length = count / known;
  if (!Number.isInteger(length) || (variable === 0 && length !== 1))
    throw fail(`has ${body.length} bytes, which is no ${datatype} of the shape [${expected}]`);
  const shape = expected.map((dimension) => (dimension === -1 ? length : dimension));
  return { datatype, shape, bytes: body };
}
