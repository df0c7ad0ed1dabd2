/**
 * The OpenAPI 3.1 document of a loaded handler: what generators of clients read. Definitions are hoisted out of the
 * handler's two schemas into components, where a name that means different things going in and coming out is told apart.
 */
import type { Handler, JsonSchema } from '../contract/handler';
import type { ServingConfig } from '../contract/manifest';
import { type ErrorCode, FAILURES } from './errors';
import { hoist } from './hoist';
import { PROBLEM_TYPE } from './problem';
import type { Sample } from './samples';

/** The failures that a prediction can meet, in their fixed order. */
const PREDICT_FAILURES: readonly ErrorCode[] = [
  'unauthenticated',
  'payload_too_large',
  'unsupported_media_type',
  'invalid_json',
  'invalid_input',
  'overloaded',
  'deadline_exceeded',
  'worker_died',
  'handler_error',
];

export function openApiDocument(handler: Handler, config: ServingConfig, samples: readonly Sample[]): object {
  const schemas = hoist({ PredictInput: handler.input, PredictOutput: handler.output }, { Problem: PROBLEM_SCHEMA });
  const asksForKeys = config.apiKeysSecret !== undefined;
  const failures = PREDICT_FAILURES.filter((code) => code !== 'unauthenticated' || asksForKeys);
  return {
    openapi: '3.1.0',
    info: { title: config.name, version: config.version ?? '0' },
    servers: [{ url: config.basePath === '' ? '/' : config.basePath }],
    ...(asksForKeys && { security: Object.keys(SECURITY_SCHEMES).map((scheme) => ({ [scheme]: [] })) }),
    paths: { '/predict': { post: predictOperation(handler, samples, failures) } },
    components: {
      schemas,
      responses: { Problem: PROBLEM_RESPONSE },
      ...(asksForKeys && { securitySchemes: SECURITY_SCHEMES }),
    },
  };
}

function predictOperation(handler: Handler, samples: readonly Sample[], failures: readonly ErrorCode[]): object {
  const required = ((handler.input.required as string[] | undefined) ?? []).length > 0;
  const answered = samples.filter((sample) => sample.output !== undefined);
  return {
    operationId: 'predict',
    summary: handler.signature,
    parameters: [REQUEST_ID, TIMEOUT],
    requestBody: { required, content: content('PredictInput', examples(samples, 'input')) },
    responses: {
      200: handler.streams ? streamed(examples(answered, 'output')) : returned(examples(answered, 'output')),
      ...problemResponses(failures),
    },
  };
}

const reference = (kind: 'schemas' | 'responses', name: string) => ({ $ref: `#/components/${kind}/${name}` });

const content = (schema: string, examples: object | undefined) => ({
  'application/json': { schema: reference('schemas', schema), examples },
});

const returned = (outputs: object | undefined) => ({
  description: "The handler's result.",
  content: content('PredictOutput', outputs),
});

/** Of a stream the schema is that of one item, as the documents of version 3.1 can say no more; what it is, `Accept` decides. */
function streamed(outputs: object | undefined): object {
  const item = reference('schemas', 'PredictOutput');
  return {
    description: 'What the handler yields: an event for each item, a line for each, or an array of all.',
    content: {
      'text/event-stream': { schema: item },
      'application/x-ndjson': { schema: item },
      'application/json': { schema: { type: 'array', items: item }, examples: outputs },
    },
  };
}

function examples(samples: readonly Sample[], side: 'input' | 'output'): object | undefined {
  if (samples.length === 0) return undefined;
  return Object.fromEntries(samples.map((sample) => [sample.name, { value: sample[side] }]));
}

const problemResponses = (failures: readonly ErrorCode[]) =>
  Object.fromEntries(failures.map((code) => [FAILURES[code].status, reference('responses', 'Problem')]));

/** One of these two, whichever suits the client. */
const SECURITY_SCHEMES = {
  ApiKey: { type: 'apiKey', in: 'header', name: 'X-Api-Key' },
  Bearer: { type: 'http', scheme: 'bearer' },
};

const REQUEST_ID = {
  name: 'X-Request-Id',
  in: 'header',
  description: 'Up to 128 visible ASCII characters; comes back on the response and stands in the log.',
  schema: { type: 'string', maxLength: 128 },
};

const TIMEOUT = {
  name: 'X-Model-Api-Timeout-Ms',
  in: 'header',
  description: 'A deadline shorter than the one this API has.',
  schema: { type: 'integer', minimum: 1 },
};

const text = (description: string): JsonSchema => ({ type: 'string', description });

const PROBLEM_SCHEMA: JsonSchema = {
  type: 'object',
  description: 'A problem document of RFC 9457.',
  required: ['type', 'title', 'status', 'detail', 'code', 'retryable', 'request_id'],
  properties: {
    type: { type: 'string', const: 'about:blank' },
    title: text('What kind of problem it is.'),
    status: { type: 'integer' },
    detail: text('What happened to this request.'),
    code: { type: 'string', enum: Object.keys(FAILURES) },
    retryable: { type: 'boolean', description: 'Whether the same request may succeed later.' },
    request_id: text('The request in the log.'),
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: { path: text('Where: `$.features[0]`.'), message: text('What is wrong there.') },
      },
    },
  },
};

const PROBLEM_RESPONSE = {
  description: 'A problem; its `code` says which.',
  content: { [PROBLEM_TYPE]: { schema: reference('schemas', 'Problem') } },
};
