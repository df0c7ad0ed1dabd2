/**
 * The request's body from the options of `predict`: `-i name=value` for one argument each, or `--json` for the whole
 * body. A value is JSON where it parses as JSON, else text; `@file` stands for the file's text, or its bytes in base64.
 */
import { readFileSync } from 'node:fs';
import { type CommandFailure, usageFailure } from '../failure';
import { readJsonText, whyUnreadable } from '../json-source';
import { quoted } from '../serve/example-request';

export interface InputOptions {
  readonly input?: readonly string[];
  readonly json?: string;
}

/** The body as JSON text; undefined when no option says one. */
export function requestBody(options: InputOptions): string | undefined {
  const pairs = options.input ?? [];
  if (pairs.length > 0 && options.json !== undefined) {
    throw usageFailure('input_twice', 'Both -i and --json say what to send.', { hint: 'Give one of them.' });
  }
  if (options.json !== undefined) return readJsonText('--json', options.json);
  return pairs.length === 0 ? undefined : bodyOf(pairs);
}

function bodyOf(pairs: readonly string[]): string {
  const body = new Map<string, string>();
  for (const pair of pairs) {
    const [, name, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
    if (name === undefined) throw badPair(pair);
    if (body.has(name)) throw usageFailure('input_twice', `-i gives ${name} twice.`);
    body.set(name, argument(name, value));
  }
  return `{${[...body].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
}

/** The argument as JSON text. */
function argument(name: string, value: string): string {
  if (value.startsWith('@')) return JSON.stringify(fileArgument(name, value.slice(1)));
  try {
    JSON.parse(value);
    return value;
  } catch {
    return JSON.stringify(value);
  }
}

const BASE64 = 'base64:';

/** Text that is not UTF-8 cannot stand in JSON; `@base64:file` asks for base64 where the text could. */
function fileArgument(name: string, path: string): string {
  const forced = path.startsWith(BASE64);
  const bytes = readBytes(name, forced ? path.slice(BASE64.length) : path);
  try {
    if (!forced) return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // Not text: an image, a sound.
  }
  return bytes.toString('base64');
}

function readBytes(name: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw usageFailure('file_unreadable', `-i ${name}: ${whyUnreadable(path, error)}`, {
      hint: `For text that begins with @, write -i '${name}="@..."'.`,
    });
  }
}

function badPair(pair: string) {
  return usageFailure('bad_input', `-i ${pair} has no value: expected name=value.`, {
    hint: 'Such as -i text="Loved it", -i top_k=3 or -i image=@cat.jpg',
  });
}

/** With what the handler takes, where it could be asked. */
export function nothingToSend(handler?: { signature: string; exampleBody: string }): CommandFailure {
  const whom = handler ? ` to ${handler.signature}` : '';
  const ways = `Give the arguments as -i name=value, or the whole body as --json '{...}', --json @file or --json @-`;
  const hint = handler ? `Such as: --json ${quoted(handler.exampleBody)}` : ways;
  return usageFailure('input_missing', `There is nothing to send${whom}.`, { hint });
}
