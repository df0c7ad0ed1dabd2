/** OpenAPI documents as the gateway writes them, and what of a new one breaks callers of an old one. */
import { breakingChanges } from '../../../runtime/probe/rollout/openapi-changes';

export type Json = Record<string, unknown>;

/** A document as the gateway writes it, of a handler with this input and output. */
export function documentOf(input: Json, output: Json, schemas: Json = {}, further: Json = {}): Json {
  const content = (name: string) => ({ 'application/json': { schema: { $ref: `#/components/schemas/${name}` } } });
  return {
    openapi: '3.1.0',
    paths: {
      '/predict': {
        post: {
          parameters: [{ name: 'X-Request-Id', in: 'header', schema: { type: 'string', maxLength: 128 } }],
          requestBody: { required: true, content: content('PredictInput') },
          responses: { 200: { content: content('PredictOutput') }, 422: { $ref: '#/components/responses/Problem' } },
        },
      },
    },
    components: { schemas: { ...schemas, PredictInput: input, PredictOutput: output } },
    ...further,
  };
}

/** A handler's arguments: nothing else is taken. */
export const args = (properties: Json, required: string[] = Object.keys(properties)): Json => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

export const record = (properties: Json, required: string[] = Object.keys(properties)): Json => ({
  type: 'object',
  properties,
  required,
});

/** Of the body alone, without what every line begins with. */
export function ofBody(before: Json, after: Json, schemas: [Json, Json] = [{}, {}]): string[] {
  const changes = breakingChanges(documentOf(before, {}, schemas[0]), documentOf(after, {}, schemas[1]));
  return changes.map((change) => change.replace('POST /predict: of the body, ', ''));
}

export function ofAnswer(before: Json, after: Json, schemas: [Json, Json] = [{}, {}]): string[] {
  const changes = breakingChanges(documentOf({}, before, schemas[0]), documentOf({}, after, schemas[1]));
  return changes.map((change) => change.replace('POST /predict: of the answer, ', ''));
}

export const [integer, number, text, nothing] = [
  { type: 'integer' },
  { type: 'number' },
  { type: 'string' },
  { type: 'null' },
];
export const list = (items: Json, further: Json = {}) => ({ type: 'array', items, ...further });
