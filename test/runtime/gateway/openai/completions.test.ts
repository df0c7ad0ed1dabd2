/** Completions on the wire: one prompt in, text out, whole or in chunks. */
import { expect, test } from 'vitest';
import { ask, eventsOf, MODEL, serving } from './ask';

const SAYS = 'openai = "completions"\ndef predict(prompt: str, suffix: str = "") -> str:\n    return prompt + suffix\n';

const STREAMS = `openai = "completions"
def predict(prompt: str):
    yield prompt
    yield {"text": "!", "finish_reason": "length", "usage": {"prompt_tokens": 1, "completion_tokens": 2}}
`;

test("one document has every member that OpenAI's has", async () => {
  const api = await serving(SAYS);
  const { json } = await ask(api, 'completions', { model: MODEL, prompt: 'Hel', suffix: 'lo', echo: false });
  expect(json).toEqual({
    id: expect.stringMatching(/^cmpl-./),
    object: 'text_completion',
    created: expect.any(Number),
    model: MODEL,
    choices: [{ index: 0, text: 'Hello', logprobs: null, finish_reason: 'stop' }],
  });
});

test('a stream has the text of each item, the reason in the last chunk, and [DONE]', async () => {
  const reply = await ask(await serving(STREAMS), 'completions', { prompt: 'Hello', stream: true });
  const events = eventsOf(reply);
  expect(events.pop()).toBe('[DONE]');
  const [{ id, created }] = events;
  const chunk = (text: string, finish_reason: string | null = null) => ({
    id,
    object: 'text_completion',
    created,
    model: MODEL,
    choices: [{ index: 0, text, logprobs: null, finish_reason }],
  });
  expect(events).toEqual([chunk('Hello'), chunk('!'), chunk('', 'length')]);
});

test('what a generator yields is joined for whoever does not stream', async () => {
  const { json } = await ask(await serving(STREAMS), 'completions', { prompt: 'Hello' });
  expect(json.choices[0]).toMatchObject({ text: 'Hello!', finish_reason: 'length' });
  expect(json.usage).toEqual({ prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 });
});

test('a list of one prompt is that prompt; several, tokens and none are 400', async () => {
  const api = await serving(SAYS);
  expect((await ask(api, 'completions', { prompt: ['one'] })).json.choices[0].text).toBe('one');
  for (const prompt of [['one', 'two'], [], [1, 2], [[1]], undefined]) {
    const { status, json } = await ask(api, 'completions', { prompt });
    expect([status, json.error.param]).toEqual([400, 'prompt']);
  }
});
