/**
 * JSON that the user gives on the command line: `@file`, `@-` or `-` for standard input, or the text itself. A mistake
 * in it is told with its line.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type CommandFailure, usageFailure } from './failure';

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
    throw usageFailure('file_unreadable', `${option}: ${reasonOf(error)}.`, {
      hint: 'Give the path of an existing file.',
    });
  }
}

function parseJsonObject(option: string, text: string, file?: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(option, `is not JSON: ${reasonOf(error)}`, { file, line: lineOf(text, reasonOf(error)) });
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

/** Node tells the place in one of two ways, by version. */
function lineOf(text: string, reason: string): number {
  const line = /line (\d+)/.exec(reason)?.[1];
  if (line) return Number(line);
  const position = /position (\d+)/.exec(reason)?.[1];
  return text.slice(0, position ? Number(position) : text.length).split('\n').length;
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}

function reasonOf(error: unknown): string {
  return (error as Error).message;
}
