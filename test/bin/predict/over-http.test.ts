import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { modelApi, temporaryFolder } from '../command';
import { localServer } from './http-server';

const RESULT = '{"label":"positive","big":9007199254740993}';

async function sentBy(args: string[], input?: string): Promise<string> {
  const server = await localServer(() => ({ body: RESULT }));
  const { code, stderr } = await modelApi(['predict', server.url, ...args], { input });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return server.received[0].body;
}

function fileWith(name: string, content: string | Buffer): string {
  const file = join(temporaryFolder(), name);
  writeFileSync(file, content);
  return file;
}

describe('what is sent', () => {
  test('values are JSON where they parse and text where they do not', async () => {
    const body = await sentBy(['-i', 'text=Loved it', '-i', 'top_k=3', '-i', 'tags=["a"]', '-i', 'empty=']);
    expect(JSON.parse(body)).toEqual({ text: 'Loved it', top_k: 3, tags: ['a'], empty: '' });
  });

  test('a number keeps all of its digits', async () => {
    expect(await sentBy(['-i', 'id=9007199254740993'])).toBe('{"id":9007199254740993}');
  });

  test('@file is the text of a file, and base64 of one that is no text', async () => {
    const text = fileWith('note.txt', 'héllo');
    const image = fileWith('cat.jpg', Buffer.from([0xff, 0xd8, 0xff]));
    const body = await sentBy(['-i', `note=@${text}`, '-i', `image=@${image}`, '-i', `raw=@base64:${text}`]);
    expect(JSON.parse(body)).toEqual({ note: 'héllo', image: '/9j/', raw: 'aMOpbGxv' });
  });

  test.each(['-', '@-'])('--json %s sends standard input unchanged', async (source) => {
    expect(await sentBy(['--json', source], '{"a": 1.0}')).toBe('{"a": 1.0}');
  });

  test('--json sends a file or a text unchanged', async () => {
    expect(await sentBy(['--json', `@${fileWith('body.json', '{"a":1e2}')}`])).toBe('{"a":1e2}');
    expect(await sentBy(['--json', '{"a":1e2}'])).toBe('{"a":1e2}');
  });
});

describe('where it is sent', () => {
  test.each([
    ['', '/predict'],
    ['/', '/predict'],
    ['/iris', '/iris/predict'],
    ['/iris/predict', '/iris/predict'],
  ])('an address that ends in "%s" is asked at %s', async (end, path) => {
    const server = await localServer(() => ({ body: RESULT }));
    await modelApi(['predict', server.url + end, '-i', 'a=1']);
    expect(server.received[0]).toMatchObject({ method: 'POST', path, headers: { 'content-type': 'application/json' } });
  });
});

describe('what comes back', () => {
  test('the result is on standard output as it came, and nothing else', async () => {
    const server = await localServer(() => ({ body: RESULT }));
    const ended = await modelApi(['predict', server.url, '-i', 'a=1']);
    expect(ended).toEqual({ code: 0, stdout: `${RESULT}\n`, stderr: '' });
  });

  test('-o writes the result to a file', async () => {
    const server = await localServer(() => ({ body: RESULT }));
    const file = join(temporaryFolder(), 'out.json');
    expect((await modelApi(['predict', server.url, '-i', 'a=1', '-o', file])).stdout).toBe('');
    expect(readFileSync(file, 'utf8')).toBe(RESULT);
  });

  const problem = {
    title: 'The input does not fit the handler',
    status: 422,
    detail: 'One value does not fit.',
    code: 'invalid_input',
    retryable: false,
    errors: [{ path: '$.features[0]', message: 'expected number, got string' }],
  };

  test('a problem document is told with its code and places', async () => {
    const server = await localServer(() => ({ status: 422, body: JSON.stringify(problem) }));
    const { code, stdout, stderr } = await modelApi(['predict', server.url, '-i', 'a=1']);
    expect(stderr).toBe(
      '✗ The API answered 422 invalid_input: One value does not fit.\n    $.features[0]: expected number, got string\n',
    );
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  });

  test('with --json-errors a problem is one JSON object on standard output', async () => {
    const server = await localServer(() => ({ status: 422, body: JSON.stringify(problem) }));
    const { stdout, stderr } = await modelApi(['predict', server.url, '-i', 'a=1', '--json-errors']);
    expect(JSON.parse(stdout).error.code).toBe('invalid_input');
    expect(stderr).toBe('');
  });

  test('an API that is full or not ready counts as not reached', async () => {
    const body = JSON.stringify({ code: 'overloaded', detail: 'The queue is full.', retryable: true });
    const server = await localServer(() => ({ status: 503, body }));
    const { code, stderr } = await modelApi(['predict', server.url, '-i', 'a=1']);
    expect(stderr).toContain(
      '503 overloaded: The queue is full.\n  The same request may succeed when it is sent again.',
    );
    expect(code).toBe(5);
  });

  test("another server's error page is shown as it is", async () => {
    const server = await localServer(() => ({ status: 502, body: '<h1>Bad Gateway</h1>' }));
    const { code, stderr } = await modelApi(['predict', server.url, '-i', 'a=1', '--json-errors']);
    expect({ code, stderr }).toEqual({ code: 1, stderr: '' });
  });

  test('nobody there ends with 5 and the reason', async () => {
    const { code, stderr } = await modelApi(['predict', 'http://127.0.0.1:9', '-i', 'a=1']);
    expect(stderr).toMatch(/^✗ http:\/\/127\.0\.0\.1:9 does not answer: /);
    expect(code).toBe(5);
  });
});

describe('an API that asks for keys', () => {
  const KEY = 'the-key-of-team-a';
  const problem = { status: 401, code: 'unauthenticated', detail: 'Send a key.', retryable: false };
  const refusing = () => localServer(() => ({ status: 401, body: JSON.stringify(problem) }));

  test('gets the key of the environment', async () => {
    const server = await localServer(() => ({ body: RESULT }));
    const { code } = await modelApi(['predict', server.url, '-i', 'a=1'], { env: { MODEL_API_KEY: KEY } });
    expect({ code, sent: server.received[0].headers.authorization }).toEqual({ code: 0, sent: `Bearer ${KEY}` });
  });

  test('gets none when none is given, and its refusal says how to give one', async () => {
    const server = await refusing();
    const { code, stderr } = await modelApi(['predict', server.url, '-i', 'a=1'], { env: { MODEL_API_KEY: '' } });
    expect(server.received[0].headers.authorization).toBeUndefined();
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr:
        '✗ The API answered 401 unauthenticated: Send a key.\n' +
        '  Give an API key in the environment: read -rs MODEL_API_KEY && export MODEL_API_KEY\n',
    });
  });

  test('may refuse the key, which is never shown', async () => {
    const server = await refusing();
    const { stderr } = await modelApi(['predict', server.url, '-i', 'a=1'], { env: { MODEL_API_KEY: KEY } });
    expect(stderr).toContain("\n  The key in MODEL_API_KEY is not one of this API's.\n");
    expect(stderr).not.toContain(KEY);
  });

  test('is not asked with what cannot be a key', async () => {
    const env = { MODEL_API_KEY: `${KEY}\n${KEY}` };
    const { code, stderr } = await modelApi(['predict', 'http://127.0.0.1:9', '-i', 'a=1'], { env });
    expect(stderr).toContain('✗ MODEL_API_KEY holds blanks or other characters that no key has.');
    expect({ code, told: stderr.includes(KEY) }).toEqual({ code: 2, told: false });
  });

  test('is named in the help', async () => {
    const { stdout } = await modelApi(['predict', '--help']);
    expect(stdout).toContain('environment variable MODEL_API_KEY');
  });
});
