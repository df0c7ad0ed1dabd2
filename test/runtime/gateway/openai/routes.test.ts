/** Which of OpenAI's routes are there, under which name, and how those that are not say so. */
import { describe, expect, test } from 'vitest';
import { Errors } from '../../../../runtime/gateway/errors';
import { openAiProblem } from '../../../../runtime/gateway/protocols/openai/problem';
import { describeWith } from '../../../setup/needs';
import { gate, queued } from '../../gate';
import { secretOfKeys } from '../../secret';
import { serve } from '../../serve';
import { handler } from '../../worker/handlers';
import { ask, chat, MESSAGES, MODEL, serving } from './ask';

const CHAT = 'openai = "chat"\ndef predict(messages: list[dict]) -> str:\n    return "Hello"\n';

describe('the list of models', () => {
  test('has the one that the API is named for', async () => {
    const api = await serving(CHAT);
    const model = { id: MODEL, object: 'model', created: expect.any(Number), owned_by: 'cdk-model-api' };
    expect((await api.request('/v1/models')).json).toEqual({ object: 'list', data: [model] });
    expect((await api.request(`/v1/models/${MODEL}`)).json).toEqual(model);
  });

  test('finds a name with a slash, encoded', async () => {
    const api = await serving(CHAT, { name: 'birds/parrot' });
    expect((await api.request('/v1/models/birds%2Fparrot')).json.id).toBe('birds/parrot');
  });
});

describe('404', () => {
  test('is for another model, wherever it is asked for', async () => {
    const api = await serving(CHAT);
    const error = {
      message: "There is no model 'gpt-5', only 'parrot'.",
      type: 'invalid_request_error',
      param: 'model',
      code: 'model_not_found',
    };
    expect(await chat(api, { model: 'gpt-5' })).toMatchObject({ status: 404, json: { error } });
    expect(await api.request('/v1/models/gpt-5')).toMatchObject({ status: 404, json: { error } });
  });

  test('is for an API that the handler does not declare, and says which it does', async () => {
    const api = await serving(CHAT);
    for (const path of ['completions', 'embeddings']) {
      const { status, json } = await ask(api, path, { prompt: 'x', input: 'x' });
      expect([status, json.error.code]).toEqual([404, 'unknown_url']);
      expect(json.error.message).toBe(`This model answers /v1/chat/completions, not /v1/${path}.`);
    }
  });

  test('is for a handler that declares none, and says how it would', async () => {
    const api = await serve({ handler: 'echo' });
    for (const reply of [await chat(api), await api.request('/v1/models')]) {
      expect([reply.status, reply.json.error.code]).toEqual([404, 'unknown_url']);
      expect(reply.json.error.message).toContain('openai = …: chat, completions, embeddings');
    }
  });

  test("is for everything else under /v1, in OpenAI's form, and outside of it in ours", async () => {
    const api = await serving(CHAT);
    const inside = await api.request('/v1/responses', { method: 'POST' });
    expect([inside.status, inside.json.error.code]).toEqual([404, 'unknown_url']);
    expect((await api.request('/v10')).json.code).toBe('not_found');
  });
});

test('405 says what is allowed', async () => {
  const api = await serving(CHAT);
  const { status, json, headers } = await api.request('/v1/chat/completions');
  expect([status, headers.get('allow'), json.error.code]).toEqual([405, 'POST', 'method_not_allowed']);
});

test('503 while the handler loads, and where the queue is full, says when to come again', async () => {
  const loading = await serve({ handler: 'never_loads', until: 'listening' });
  const unready = await chat(loading);
  expect([unready.status, unready.headers.get('retry-after'), unready.json.error.code]).toEqual([
    503,
    '2',
    'not_ready',
  ]);
  const { file, open } = gate();
  const waits = `import os, time
openai = "chat"
def predict(messages: list[dict]) -> str:
    while not os.path.exists(${JSON.stringify(file)}):
        time.sleep(0.005)
    return "Hello"
`;
  const api = await serving(waits, { queueRequests: 1, warmUp: false });
  const accepted = [chat(api), chat(api), chat(api)];
  await queued(api, 1);
  const shed = await chat(api);
  expect([shed.status, shed.json.error.type, shed.json.error.code]).toEqual([503, 'server_error', 'overloaded']);
  expect(Number(shed.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
  open();
  await Promise.all(accepted);
});

test('the base path stands before /v1', async () => {
  const api = await serving(CHAT, { basePath: '/birds' });
  const body = JSON.stringify({ messages: MESSAGES });
  const init = { method: 'POST', body, headers: { 'content-type': 'application/json' } };
  expect((await api.request('/birds/v1/chat/completions', init)).status).toBe(200);
  expect((await api.request('/v1/chat/completions', init)).status).toBe(404);
});

describe('a handler that could answer nobody fails to load and says why', () => {
  test.each([
    [
      'openai = "chat"\ndef predict(text: str):\n    return text\n',
      /openai = "chat", and its .* has no parameter messages/,
    ],
    [
      'openai = "embeddings"\ndef predict(input: str):\n    return []\n',
      /its input cannot be a list of strings: it expected/,
    ],
    ['openai = "embeddings"\ndef predict(input):\n    yield []\n', /are not streamed, and it is a generator/],
  ])('case %#', async (predict, message) => {
    const api = await serve({ handler: handler(predict), until: 'exit', overlay: { loadAttempts: 1 } });
    expect(await api.exit).toBe(3);
    expect(api.events('load_failed')[0]?.error).toMatchObject({
      message: expect.stringMatching(message),
      file: 'predict.py',
      line: 2,
    });
  });
});

test('401 has the code by which clients know it, and says how a key is sent', () => {
  const { status, headers, body } = openAiProblem(Errors.unauthenticated('Send a key.'));
  expect([status, headers?.['WWW-Authenticate']]).toEqual([401, 'ApiKey, Bearer']);
  expect(JSON.parse(body as string)).toEqual({
    error: { message: 'Send a key.', type: 'invalid_request_error', param: null, code: 'invalid_api_key' },
  });
});

describeWith(['moto'], 'API keys', () => {
  const secret = secretOfKeys();

  test("are bearer tokens, as clients send them; without one OpenAI's 401", async () => {
    await secret.put({ team: 'the-key-of-the-team' });
    const api = await secret.serve({ handler: handler(CHAT) });
    const body = { messages: MESSAGES };
    const key = { authorization: 'Bearer the-key-of-the-team' };
    expect((await ask(api, 'chat/completions', body, key)).status).toBe(200);
    const { status, json } = await ask(api, 'chat/completions', body);
    expect([status, json.error.type, json.error.code]).toEqual([401, 'invalid_request_error', 'invalid_api_key']);
  });
});
