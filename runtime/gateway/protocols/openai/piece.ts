/**
 * What a chat or completions handler returns, or yields one after the other: a string, or an object with the text and
 * what else is known of it.
 *
 *     "Hello"
 *     {"content": "Hello", "finish_reason": "length", "usage": {"prompt_tokens": 9, "completion_tokens": 1}}
 *     {"tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{}"}}]}
 */
import { unusableResult } from './problem';
import { type Fields, isFields } from './request';

export interface Piece {
  readonly text?: string;
  readonly toolCalls?: readonly Fields[];
  readonly finishReason?: string;
  readonly usage?: Fields;
}

/** `textName` is how the API calls the text: `content` of a chat, `text` of a completion. */
export function readPiece(value: unknown, textName: string): Piece {
  if (typeof value === 'string') return { text: value };
  const known = [textName, 'tool_calls', 'finish_reason', 'usage'];
  if (!isFields(value) || !known.some((name) => name in value))
    throw unusableResult(`The handler has to return or yield strings, or objects with any of ${known.join(', ')}.`);
  return {
    text: member(value, textName, 'a string', isString),
    toolCalls: member(value, 'tool_calls', 'a list of objects', isListOfFields),
    finishReason: member(value, 'finish_reason', 'a string', isString),
    usage: withTotal(member(value, 'usage', 'an object', isFields)),
  };
}

/** All that a generator yielded, as if it had been returned. */
export function joined(pieces: readonly Piece[]): Piece {
  const texts = pieces.flatMap(({ text }) => text ?? []);
  const calls = pieces.flatMap(({ toolCalls }) => toolCalls ?? []);
  return {
    text: texts.length === 0 ? undefined : texts.join(''),
    toolCalls: calls.length === 0 ? undefined : joinedCalls(calls),
    finishReason: pieces.flatMap(({ finishReason }) => finishReason ?? []).at(-1),
    usage: pieces.flatMap(({ usage }) => (usage === undefined ? [] : [usage])).at(-1),
  };
}

/** Parts of one call have one index; a part without one is a call of its own. */
function joinedCalls(parts: readonly Fields[]): Fields[] {
  const calls = new Map<unknown, Fields>();
  for (const { index = calls.size, ...part } of parts) calls.set(index, joinedCall(calls.get(index), part));
  return [...calls.values()];
}

function joinedCall(before: Fields | undefined, part: Fields): Fields {
  if (before === undefined) return part;
  const one = isFields(before.function) ? before.function : {};
  const other = isFields(part.function) ? part.function : {};
  const words = `${one.arguments ?? ''}${other.arguments ?? ''}`;
  return { ...before, ...part, function: { ...one, ...other, arguments: words } };
}

export function withTotal(usage: Fields | undefined): Fields | undefined {
  if (usage === undefined || usage.total_tokens !== undefined) return usage;
  const { prompt_tokens: prompt, completion_tokens: completion = 0 } = usage;
  if (typeof prompt !== 'number' || typeof completion !== 'number') return usage;
  return { ...usage, total_tokens: prompt + completion };
}

/** A member that is left out, or None. */
function member<T>(fields: Fields, name: string, kind: string, is: (value: unknown) => value is T): T | undefined {
  const value = fields[name];
  if (value === undefined || value === null) return undefined;
  if (!is(value)) throw unusableResult(`${name} in the handler's result has to be ${kind}.`);
  return value;
}

const isString = (value: unknown): value is string => typeof value === 'string';

const isListOfFields = (value: unknown): value is readonly Fields[] => Array.isArray(value) && value.every(isFields);
