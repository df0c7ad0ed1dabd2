/**
 * JSON that the user gives on the command line: `@file`, `@-` or `-` for standard input, or the text itself. A mistake
 * in it is told with its line.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type CommandFailure, usageFailure } from './failure';
import { shownPath } from './ui/problem';

export type JsonObject = { readonly [key: string]: unknown };

/** The text of the object that an option's value stands for, unchanged: parsed numbers could lose digits. */
export function readJsonText(option: string, source: string): string {
  const file = source.startsWith('@') && source !== '@-' ? resolve(source.slice(1)) : undefined;
  const text = source === '-' || source === '@-' ? readSource(option, 0) : file ? readSource(option, file) : source;
  parseJsonObject(option, text, file);
  return text;
}

export function readJsonFile(option: string, path: string): JsonObject {
  return parseJsonObject(option, readSource(option, path), resolve(path));
}

function readSource(option: string, path: string | number): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw usageFailure('file_unreadable', `${option}: ${whyUnreadable(path, error)}`);
  }
}

/** One sentence for the reasons that users meet, and the system's own for others. */
export function whyUnreadable(path: string | number, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const name = path === 0 ? 'standard input' : shownPath(String(path));
  if (code === 'ENOENT') return `There is no file ${name}.`;
  if (code === 'EISDIR') return `${name} is a directory.`;
  if (code === 'EACCES') return `You may not read ${name}.`;
  return `${name} cannot be read: ${message}.`;
}

function parseJsonObject(option: string, text: string, file?: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // Some versions of the parser quote the text around the place, over several lines.
    const reason = (error as Error).message.replace(/, (\.\.\.)?".*/s, '');
    throw invalid(option, `is not JSON: ${reason}`, { file, line: brokenLine(text) });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw invalid(option, `has to be a JSON object, and is ${kindOf(value)}`, { file });
}

function invalid(option: string, what: string, place: { file?: string; line?: number }): CommandFailure {
  return usageFailure('invalid_json', `${option} ${what}.`, {
    ...(place.file ? place : {}),
    hint: 'Expected an object, such as {"name": "value"}.',
  });
}

/** The parser does not always tell the place: the first line with which the text is worse than unfinished. */
function brokenLine(text: string): number {
  const lines = text.split('\n');
  let [low, high] = [1, lines.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isBroken(lines.slice(0, middle).join('\n'))) high = middle;
    else low = middle + 1;
  }
  return low;
}

function isBroken(text: string): boolean {
  try {
    JSON.parse(text);
    return false;
  } catch (error) {
    const reason = (error as Error).message;
    return !/end of JSON|Unterminated/.test(reason) && !reason.includes(`position ${text.length}`);
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}
