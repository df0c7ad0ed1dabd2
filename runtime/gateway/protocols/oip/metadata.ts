/** What a client may ask about the server and its model before it sends a request: names, data types and dimensions. */
import type { Datatype } from '../../datatype';
import type { ModelIdentity } from './response';
import { datatypeOf, type Kind } from './schema-kind';
import { parameterDatatype, type Signature } from './signature';

interface TensorMetadata {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly parameters?: object;
}

/** The version is the protocol's: the gateway has none of its own that a caller could rely on. */
export const SERVER_METADATA = { name: 'model-api', version: '2', extensions: ['binary_tensor_data'] };

export function modelMetadata({ name, version }: ModelIdentity, signature: Signature): object {
  const { parameters, outputs, isBatched } = signature;
  const described = Array.from(parameters.values(), (one) => ({ ...one, datatype: parameterDatatype(one) }));
  return {
    name,
    ...(version !== undefined && { versions: [version] }),
    platform: 'model-api_python',
    inputs: described.map((one) => tensorMetadata(one.name, one.datatype, one.kind, isBatched)),
    outputs: Array.from(outputs, ([output, kind]) => tensorMetadata(output, datatypeOf(kind), kind, isBatched)),
  };
}

function tensorMetadata(name: string, datatype: Datatype, kind: Kind, isBatched: boolean): TensorMetadata {
  const shape = tensorShape(kind, isBatched);
  return { name, datatype, shape, ...(kind.element === 'json' && { parameters: { content_type: 'json' } }) };
}

/** Of any length where nothing is known; a scalar is one element; a batch has any number of rows. */
export function tensorShape({ shape = [-1] }: Kind, isBatched: boolean): readonly number[] {
  if (isBatched) return [-1, ...shape];
  return shape.length === 0 ? [1] : shape;
}
