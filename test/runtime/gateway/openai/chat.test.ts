/** Chat completions on the wire: which arguments the handler gets, and the exact documents and events that come back. */
import { describe, expect, test } from 'vitest';
import { ask, chat, eventsOf, MESSAGES, MODEL, serving } from './ask';

/** Answers with the arguments it got. */
const TELLS = `import json
openai = "chat"
def predict(messages: list[dict], temperature: float = 1.0, max_tokens: int = 16, seed: int | None = None):
    return json.dumps([messages, temperature, max_tokens, seed])
`;

const STREAMS = `openai = "chat"
def predict(messages: list[dict], fail_after: int = -1):
    for at, word in enumerate(["Hel", "lo", " wörld"]):
        if at == fail_after:
            raise ValueError("This prompt is too long.") if messages[0]["content"] == "long" else RuntimeError("secret")
        yield word
    yield {"usage": {"prompt_tokens": 3, "completion_tokens": 2}, "finish_reason": "length"}
`;

const contentOf = (events: { choices: { delta: { content?: string } }[] }[]) =>
  events.map(({ choices }) => choices?.[0]?.delta.content ?? '').join('');

describe('the arguments of predict()', () => {
  test('are the fields it names; others and those between client and server are left out', async () => {
    const api = await serving(TELLS);
    const sent = { temperature: 0.5, n: 1, user: 'me', logit_bias: {}, stream: false, max_tokens: null };
    const { json } = await chat(api, sent);
    expect(JSON.parse(json.choices[0].message.content)).toEqual([MESSAGES, 0.5, 16, null]);
  });

  test('keep every digit', async () => {
    const api = await serving(TELLS);
    const body = `{"messages": [{"role": "user", "content": "x"}], "seed": 9007199254740993}`;
    const init = { method: 'POST', body, headers: { 'content-type': 'application/json' } };
    const { json } = await api.request('/v1/chat/completions', init);
    expect(json.choices[0].message.content).toMatch(/9007199254740993\]$/);
  });

  test('take max_completion_tokens for max_tokens, where predict() has only that name', async () => {
    const api = await serving(TELLS);
    const { json } = await chat(api, { max_completion_tokens: 7 });
    expect(JSON.parse(json.choices[0].message.content)[2]).toBe(7);
  });

  test("are all fields but the protocol's where it has **kwargs", async () => {
    const api = await serving('openai = "chat"\ndef predict(messages, **options):\n    return str(sorted(options))\n');
    const { json } = await chat(api, { top_p: 1, stop: ['\n'], user: 'me', n: 1 });
    expect(json.choices[0].message.content).toBe("['stop', 'top_p']");
  });
});

describe('one document', () => {
  test("has every member that OpenAI's has, and no usage that nobody counted", async () => {
    const api = await serving('openai = "chat"\ndef predict(messages: list[dict]) -> str:\n    return "Hello"\n');
    const before = Math.floor(Date.now() / 1000);
    const { status, json, headers } = await ask(
      api,
      'chat/completions',
      { model: MODEL, messages: MESSAGES },
      { 'x-request-id': 'r1' },
    );
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json']);
    expect(json.created).toBeGreaterThanOrEqual(before);
    expect({ ...json, created: 0 }).toEqual({
      id: 'chatcmpl-r1',
      object: 'chat.completion',
      created: 0,
      model: MODEL,
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Hello', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
    });
  });

  test('says what the handler says of it', async () => {
    const call = '{"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}';
    const usage = '{"prompt_tokens": 5, "completion_tokens": 2}';
    const api = await serving(
      `openai = "chat"\ndef predict(messages: list[dict]):\n    return {"tool_calls": [${call}], "usage": ${usage}}\n`,
    );
    const { json } = await chat(api);
    expect(json.choices[0]).toMatchObject({
      message: { content: null, tool_calls: [JSON.parse(call)] },
      finish_reason: 'tool_calls',
    });
    expect(json.usage).toEqual({ prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 });
  });

  test('is what a generator yielded, joined', async () => {
    const { json } = await chat(await serving(STREAMS));
    expect(json.choices[0]).toMatchObject({ message: { content: 'Hello wörld' }, finish_reason: 'length' });
    expect(json.usage).toEqual({ prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 });
  });

  test('joins the parts of a tool call that a generator yielded', async () => {
    const yields = [
      '{"index": 0, "id": "a", "type": "function", "function": {"name": "f", "arguments": ""}}',
      '{"index": 0, "function": {"arguments": "{\\"x\\": "}}',
      '{"index": 1, "id": "b", "type": "function", "function": {"name": "g", "arguments": "{}"}}',
      '{"index": 0, "function": {"arguments": "1}"}}',
    ].map((part) => `    yield {"tool_calls": [${part}]}\n`);
    const api = await serving(`openai = "chat"\ndef predict(messages: list[dict]):\n${yields.join('')}`);
    const { message, finish_reason } = (await chat(api)).json.choices[0];
    expect(message.tool_calls).toEqual([
      { id: 'a', type: 'function', function: { name: 'f', arguments: '{"x": 1}' } },
      { id: 'b', type: 'function', function: { name: 'g', arguments: '{}' } },
    ]);
    expect(finish_reason).toBe('tool_calls');
  });

  test('is refused where the handler returned something else', async () => {
    const api = await serving('openai = "chat"\ndef predict(messages: list[dict]):\n    return [1]\n');
    const { status, json } = await chat(api);
    expect([status, json.error.type, json.error.code]).toEqual([500, 'server_error', 'invalid_result']);
    expect(json.error.message).toMatch(/has to return or yield strings, or objects with any of content, tool_calls/);
  });
});

describe('a stream', () => {
  test('begins with the role, ends with the reason and [DONE], and is one answer throughout', async () => {
    const reply = await chat(await serving(STREAMS), { stream: true });
    expect(reply.headers.get('content-type')).toBe('text/event-stream');
    const events = eventsOf(reply);
    expect(events.pop()).toBe('[DONE]');
    const [{ id, created }] = events;
    expect(id).toMatch(/^chatcmpl-./);
    const chunk = (delta: object, finish_reason: string | null = null) => ({
      id,
      object: 'chat.completion.chunk',
      created,
      model: MODEL,
      choices: [{ index: 0, delta, logprobs: null, finish_reason }],
    });
    expect(events).toEqual([
      chunk({ role: 'assistant', content: '' }),
      chunk({ content: 'Hel' }),
      chunk({ content: 'lo' }),
      chunk({ content: ' wörld' }),
      chunk({}, 'length'),
    ]);
  });

  test('tells what was used in a chunk without choices, when asked to', async () => {
    const reply = await chat(await serving(STREAMS), { stream: true, stream_options: { include_usage: true } });
    const events = eventsOf(reply).slice(0, -1);
    expect(events.map(({ usage }) => usage)).toEqual([
      ...Array(5).fill(null),
      { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    ]);
    expect(events.at(-1).choices).toEqual([]);
  });

  test('has one chunk where the handler returns at once', async () => {
    const api = await serving('openai = "chat"\ndef predict(messages: list[dict]) -> str:\n    return "Hello"\n');
    const events = eventsOf(await chat(api, { stream: true }));
    expect(events.slice(0, -1).map(({ choices }) => choices[0].delta)).toEqual([
      { role: 'assistant', content: '' },
      { content: 'Hello' },
      {},
    ]);
  });

  test('of a handler that yields nothing is an empty message', async () => {
    const api = await serving('openai = "chat"\ndef predict(messages: list[dict]):\n    yield from ()\n');
    const events = eventsOf(await chat(api, { stream: true }));
    expect(contentOf(events.slice(0, -1))).toBe('');
    expect(events.at(-2).choices[0].finish_reason).toBe('stop');
    expect((await chat(api)).json.choices[0].message.content).toBe('');
  });

  test('that fails tells so in an event, after all that came before and without what the handler said', async () => {
    const api = await serving(STREAMS.replace('fail_after: int = -1', 'fail_after: int = 2'));
    const reply = await chat(api, { stream: true });
    expect(reply.status).toBe(200);
    const events = eventsOf(reply);
    expect(contentOf(events.slice(0, -2))).toBe('Hello');
    expect(events.at(-2)).toEqual({
      error: {
        message: 'The handler raised an error; its traceback is in the log.',
        type: 'server_error',
        param: null,
        code: 'handler_error',
      },
    });
    expect(events.at(-1)).toBe('[DONE]');
    expect(reply.text).not.toContain('secret');
    expect(await api.line(({ route, error }) => route === '/v1/chat/completions' && error !== undefined)).toMatchObject(
      {
        error: { code: 'handler_error', message: 'secret' },
      },
    );
  });

  test('ends with an error at the first item that is no text, and the generator is stopped', async () => {
    const api = await serving(`openai = "chat"
def predict(messages: list[dict]):
    try:
        yield "fine"
        while True:
            yield 5
    finally:
        print("stopped")
`);
    const events = eventsOf(await chat(api, { stream: true }));
    expect(events.at(-2).error).toMatchObject({ type: 'server_error', code: 'invalid_result' });
    expect(contentOf(events.slice(0, -2))).toBe('fine');
    await api.output('stopped');
  });

  test('of bytes is refused before it begins, and the generator is stopped', async () => {
    const api = await serving(`openai = "chat"
def predict(messages: list[dict]):
    try:
        while True:
            yield b"bytes"
    finally:
        print("stopped")
`);
    expect(await chat(api, { stream: true })).toMatchObject({
      status: 500,
      json: { error: { code: 'invalid_result' } },
    });
    await api.output('stopped');
  });

  test('stops the generator when its reader leaves', async () => {
    const api = await serving(`openai = "chat"
def predict(messages: list[dict]):
    try:
        while True:
            yield "again " * 100
    finally:
        print("stopped")
`);
    const leaving = new AbortController();
    const response = await fetch(`${api.url}/v1/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({ messages: MESSAGES, stream: true }),
      headers: { 'content-type': 'application/json' },
      signal: leaving.signal,
    });
    await response.body?.getReader().read();
    leaving.abort();
    await api.output('stopped');
  });
});

describe('a bad request', () => {
  test.each([
    [{ messages: [] }, 'messages', 'messages must be a list with at least one object, each with a role.'],
    [{ messages: ['Hello'] }, 'messages', 'messages must be a list with at least one object, each with a role.'],
    [{ n: 2 }, 'n', 'n must be 1: this model gives one answer to a request.'],
    [{ stream: 'yes' }, 'stream', 'stream must be true or false.'],
    [{ stream_options: {} }, 'stream_options', 'stream_options is for stream: true alone.'],
    [{ temperature: 'hot' }, 'temperature', '$.temperature: expected number, got string'],
  ])('%j is 400 and says which field', async (more, param, message) => {
    const api = await serving(TELLS);
    const { status, json, headers } = await chat(api, more);
    expect([status, headers.get('content-type')]).toEqual([400, 'application/json']);
    expect(json).toEqual({ error: { message, type: 'invalid_request_error', param, code: null } });
  });

  test('is 400 where there is no JSON object', async () => {
    const api = await serving(TELLS);
    const headers = { 'content-type': 'application/json' };
    for (const body of ['{', '[]']) {
      const { status, json } = await api.request('/v1/chat/completions', { method: 'POST', body, headers });
      expect([status, json.error.type, json.error.param]).toEqual([400, 'invalid_request_error', null]);
    }
  });

  test('is what makes predict() raise ValueError, as an over-long prompt does: 400 in its words', async () => {
    const api = await serving(STREAMS.replace('fail_after: int = -1', 'fail_after: int = 0'));
    const long = { messages: [{ role: 'user', content: 'long' }] };
    const error = { message: 'This prompt is too long.', type: 'invalid_request_error', param: null, code: null };
    expect(await chat(api, long)).toMatchObject({ status: 400, json: { error } });
    expect(await chat(api, { ...long, stream: true })).toMatchObject({ status: 400, json: { error } });
    const other = await chat(api);
    expect([other.status, other.json.error.code, other.text.includes('secret')]).toEqual([500, 'handler_error', false]);
  });
});
