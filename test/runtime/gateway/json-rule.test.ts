/** The one rule for what JSON leaves open: the same to the gateway, which judges, and to Python, which computes. */
import { expect, test } from 'vitest';
import { serve } from '../serve';

const REFUSED: Record<string, string> = {
  'a byte order mark': '\ufeff{"value": 1}',
  NaN: '{"value": NaN}',
  Infinity: '{"value": -Infinity}',
  'a number beyond doubles': '{"value": 1e400}',
  'a number beyond doubles under a key that a later one overrides': '{"value": 1e400, "value": 1}',
  'the first half of a surrogate pair': '{"value": "\\ud83d"}',
  'the second half of a surrogate pair': '{"value": "\\ude00"}',
  'both halves in the wrong order': '{"value": "\\ude00\\ud83d"}',
  'both halves apart': '{"value": "\\ud83d \\ude00"}',
  'a first half before another escape': '{"value": "\\ud83d\\n"}',
  'a half in a key': '{"value": {"\\uD83D": 1}}',
  'NUL outside a string': '{"value": 1}\0',
  'NUL inside a string': '{"value": "\0"}',
};

test('what the two would read differently, or could not write down, is no JSON here', async () => {
  const api = await serve({ handler: 'echo' });
  for (const [what, body] of Object.entries(REFUSED)) {
    const { status, json } = await api.postRaw(body, { 'content-type': 'application/json' });
    expect([what, status, json.code]).toEqual([what, 400, 'invalid_json']);
  }
});

/** The body, and the value as Python writes it again. */
const TAKEN: Record<string, [string, string]> = {
  'an integer beyond 2^53, to the last digit': ['{"value": 9007199254740993}', '9007199254740993'],
  'a float that is whole': ['{"value": 1.0}', '1.0'],
  'the largest double': ['{"value": 1.7976931348623157e308}', '1.7976931348623157e+308'],
  'what is too small for a double': ['{"value": 1e-400}', '0.0'],
  'negative zero': ['{"value": -0.0}', '-0.0'],
  'the last of two keys': ['{"value": 1, "value": 2}', '2'],
  'the last of two keys, one of them escaped': ['{"value": 1, "v\\u0061lue": 2}', '2'],
  'a whole surrogate pair': ['{"value": "\\ud83d\\ude00"}', '"😀"'],
  'a backslash before what looks like a half': ['{"value": "\\\\ud83d"}', '"\\\\ud83d"'],
  'an escaped NUL': ['{"value": "\\u0000"}', '"\\u0000"'],
  'a key that means something to JavaScript': ['{"value": {"__proto__": 1}}', '{"__proto__": 1}'],
};

test('everything else comes back as it was written', async () => {
  const api = await serve({ handler: 'echo' });
  for (const [what, [body, value]] of Object.entries(TAKEN)) {
    const { status, text } = await api.postRaw(body, { 'content-type': 'application/json' });
    expect([what, status, spaced(text)]).toEqual([what, 200, spaced(value)]);
  }
});

/** However the worker spaces and escapes what it writes. */
const spaced = (json: string) => json.replaceAll(' ', '').replaceAll('\\ud83d\\ude00', '😀');
