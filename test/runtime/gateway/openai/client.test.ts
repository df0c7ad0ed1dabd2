/** What OpenAI's own Python client sends and understands, against real handlers. */
import { expect, test } from 'vitest';
import { describeWith } from '../../../setup/needs';
import { askWithClient } from '../../../setup/openai/client';
import { serving } from './ask';

const CHAT = `openai = "chat"
def predict(messages: list[dict], temperature: float = 1.0):
    if messages[-1]["content"] == "fail":
        yield "Hel"
        raise RuntimeError
    if messages[-1]["content"] == "long":
        raise ValueError("This prompt is too long.")
    yield "Hel"
    yield {"content": "lo"}
    yield {"usage": {"prompt_tokens": 3, "completion_tokens": 2}, "finish_reason": "length"}
`;

const create = (content: string, more = '') =>
  `client.chat.completions.create(model="parrot", messages=[{"role": "user", "content": "${content}"}]${more})`;

/** The class of the exception that a call makes, and what stands in it. */
const raised = (call: string) => [
  'def raised():',
  '    try:',
  `        list(${call})`,
  '    except openai.APIError as error:',
  '        return [type(error).__name__, error.code, error.param, error.message]',
];

describeWith(['openai'], "OpenAI's client", () => {
  test('chats', async () => {
    const { url } = await serving(CHAT);
    expect(
      await askWithClient(url, [`answer = ${create('hi', ', temperature=0.5')}`], 'answer.model_dump()'),
    ).toMatchObject({
      object: 'chat.completion',
      model: 'parrot',
      choices: [{ finish_reason: 'length', message: { role: 'assistant', content: 'Hello' } }],
      usage: { total_tokens: 5 },
    });
  });

  test('streams a chat, and what it used', async () => {
    const { url } = await serving(CHAT);
    const stream = create('hi', ', stream=True, stream_options={"include_usage": True}');
    const chunks = await askWithClient(url, [`stream = ${stream}`], '[chunk.model_dump() for chunk in stream]');
    const deltas = chunks.flatMap(({ choices }: { choices: { delta: object }[] }) => choices.map(({ delta }) => delta));
    expect(deltas.map(({ content }: { content: string | null }) => content)).toEqual(['', 'Hel', 'lo', null]);
    expect(deltas[0].role).toBe('assistant');
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 5 } });
  });

  test('accumulates a stream by its own helper', async () => {
    const { url } = await serving(CHAT);
    // It raises, as designed, where the model had to stop early; what came until then is in the exception.
    const lines = [
      'try:',
      '    with client.chat.completions.stream(model="parrot", messages=[{"role": "user", "content": "hi"}]) as stream:',
      '        final = stream.get_final_completion()',
      'except openai.LengthFinishReasonError as error:',
      '    final = error.completion',
    ];
    expect(await askWithClient(url, lines, 'final.model_dump()')).toMatchObject({
      choices: [{ finish_reason: 'length', message: { role: 'assistant', content: 'Hello' } }],
    });
  });

  test('raises what a stream failed of, after what came before', async () => {
    const { url } = await serving(CHAT);
    const lines = [
      'texts = []',
      'def pump():',
      `    for chunk in ${create('fail', ', stream=True')}:`,
      '        texts.append(chunk.choices[0].delta.content)',
      '        yield chunk',
      ...raised('pump()'),
    ];
    expect(await askWithClient(url, lines, '[raised(), texts]')).toEqual([
      ['APIError', 'handler_error', null, 'The handler raised an error; its traceback is in the log.'],
      ['', 'Hel'],
    ]);
  });

  test('raises the exceptions of its own for what is wrong with a request', async () => {
    const { url } = await serving(CHAT);
    const told = async (call: string) => (await askWithClient(url, raised(call), 'raised()')).slice(0, 3);
    expect(await told(create('long'))).toEqual(['BadRequestError', null, null]);
    expect(await told(create('hi', ', n=2'))).toEqual(['BadRequestError', null, 'n']);
    expect(
      await told('client.chat.completions.create(model="other", messages=[{"role": "user", "content": "hi"}])'),
    ).toEqual(['NotFoundError', 'model_not_found', 'model']);
    expect(await told('client.embeddings.create(model="parrot", input="hi")')).toEqual([
      'NotFoundError',
      'unknown_url',
      null,
    ]);
    expect(await told('client.chat.completions.create(model="parrot", messages=[])')).toEqual([
      'BadRequestError',
      null,
      'messages',
    ]);
  });

  test('lists models', async () => {
    const { url } = await serving(CHAT);
    const expression = '[[one.id for one in client.models.list()], client.models.retrieve("parrot").owned_by]';
    expect(await askWithClient(url, [], expression)).toEqual([['parrot'], 'cdk-model-api']);
  });

  test('completes, whole and streamed', async () => {
    const { url } = await serving(
      'openai = "completions"\ndef predict(prompt: str):\n    yield prompt\n    yield "!"\n',
    );
    const create = (more = '') => `client.completions.create(model="parrot", prompt="Hello"${more})`;
    const streamed = `"".join(chunk.choices[0].text for chunk in ${create(', stream=True')})`;
    expect(await askWithClient(url, [], `[${create()}.choices[0].text, ${streamed}]`)).toEqual(['Hello!', 'Hello!']);
  });

  test('gets embeddings, which it asks for as base64', async () => {
    const { url } = await serving(
      'openai = "embeddings"\ndef predict(input: list[str]):\n    return [[len(one), 0.1] for one in input]\n',
    );
    const vectors = await askWithClient(
      url,
      ['answer = client.embeddings.create(model="parrot", input=["a", "bcd"])'],
      '[one.embedding for one in answer.data]',
    );
    expect(vectors).toEqual([
      [1, Math.fround(0.1)],
      [3, Math.fround(0.1)],
    ]);
  });
});
