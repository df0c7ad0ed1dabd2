/** What a handler takes and returns, as tensors: read once from its schemas, asked for every request. */
import type { Handler, JsonSchema } from '../../../contract/handler';
import type { Datatype } from '../../datatype';
import { datatypeOf, type Kind, kindOf, resolve } from './schema-kind';

export interface Parameter {
  readonly name: string;
  readonly kind: Kind;
  readonly isRequired: boolean;
  /** The type that it is best sent as, when it takes arrays of numbers. */
  readonly packedAs?: Datatype;
}

/** The name of an output that has none: the result is no record. */
export const ONLY_OUTPUT = 'output';

export class Signature {
  readonly parameters: ReadonlyMap<string, Parameter>;
  /** It takes names that it does not list. */
  readonly isOpen: boolean;
  /** Rows of one request may be one call. */
  readonly isBatched: boolean;
  /** Of a result that is a record, its fields; otherwise the one output. */
  readonly outputs: ReadonlyMap<string, Kind>;
  /** Whether the schema says of every number in a result if it is an integer. */
  readonly saysAllTypes: boolean;
  /** Whether a result can have no outputs but those. */
  readonly knowsAllOutputs: boolean;
  /** Of fields that are not listed. */
  readonly #otherOutputs?: Kind;

  constructor(handler: Handler) {
    const { input, output, arrays } = handler;
    const arguments_ = resolve(input, input);
    const required = (arguments_.required ?? []) as readonly string[];
    const properties = Object.entries((arguments_.properties ?? {}) as Record<string, JsonSchema>);
    this.parameters = new Map(
      properties.map(([name, schema]) => {
        const kind = kindOf(schema, input);
        return [name, { name, kind, isRequired: required.includes(name), packedAs: arrays[name] }];
      }),
    );
    this.isOpen = arguments_.additionalProperties !== false;
    this.isBatched = handler.batch;
    const { type, properties: fields, additionalProperties: others } = resolve(output, output);
    const isRecord = type === 'object';
    this.outputs = isRecord ? kindsOf(fields as Record<string, JsonSchema>, output) : onlyOutput(output);
    if (isRecord && isSchema(others)) this.#otherOutputs = kindOf(others, output);
    // Without a word about other fields, those of a record are all; a record without fields is one of which nothing is known.
    const isClosed = others === undefined || others === false;
    this.knowsAllOutputs = isRecord ? isClosed && this.outputs.size > 0 : typeof type === 'string';
    const kinds = [...this.outputs.values(), ...(this.#otherOutputs ? [this.#otherOutputs] : [])];
    this.saysAllTypes = kinds.length > 0 && kinds.every(({ element }) => element !== 'any' && element !== 'json');
  }

  outputKind(name: string): Kind {
    return this.outputs.get(name) ?? this.#otherOutputs ?? { element: 'any' };
  }
}

export const parameterDatatype = ({ packedAs, kind }: Parameter): Datatype => packedAs ?? datatypeOf(kind);

const kindsOf = (fields: Record<string, JsonSchema> | undefined, root: JsonSchema) =>
  new Map(Object.entries(fields ?? {}).map(([name, schema]) => [name, kindOf(schema, root)]));

const onlyOutput = (output: JsonSchema) => new Map([[ONLY_OUTPUT, kindOf(output, output)]]);

const isSchema = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null;
