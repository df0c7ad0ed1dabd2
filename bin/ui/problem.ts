/**
 * How a failure is printed: the evidence first (the user's own traceback, pip's own words), then the lines of the
 * user's file around the place, and last, where eyes rest, what happened and what to do.
 */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { CommandFailure } from '../failure';
import type { Terminal } from './terminal';

/** The failure as text on standard error, or as one JSON object on standard output. */
export function printFailure(terminal: Terminal, failure: CommandFailure): void {
  if (terminal.machine) terminal.data(JSON.stringify(failureDocument(failure)));
  else terminal.note(failureText(terminal, failure));
}

export function failureDocument(failure: CommandFailure): object {
  const { hint, file, line, evidence } = failure.details;
  return { error: { code: failure.code, message: failure.message, hint, file, line, evidence } };
}

export function failureText(terminal: Terminal, failure: CommandFailure): string {
  const { hint, file, line, evidence } = failure.details;
  const parts: string[] = [];
  if (evidence) parts.push(`${evidence.trimEnd()}\n`);
  if (file) parts.push(`${excerpt(terminal, file, line)}\n`);
  parts.push(`${terminal.noteStyle('red', '✗')} ${failure.message}`);
  if (hint) parts.push(`  ${hint}`);
  return parts.join('\n');
}

/** `predict.py:12` and the line with one neighbour on each side. */
function excerpt(terminal: Terminal, file: string, line: number | undefined): string {
  const place = shownPath(file) + (line ? `:${line}` : '');
  if (!line) return `  ${place}`;
  const source = readSource(file);
  const numbers = [line - 1, line, line + 1].filter((number) => source[number - 1] !== undefined);
  const shown = numbers.map((number) => {
    const text = `${number === line ? '>' : ' '} ${String(number).padStart(4)} | ${source[number - 1]}`;
    return `  ${number === line ? text : terminal.noteStyle('dim', text)}`.trimEnd();
  });
  return [`  ${place}`, ...shown].join('\n');
}

function readSource(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n');
  } catch {
    // The place alone still helps: the file may be gone, or inside an archive.
    return [];
  }
}

/** The path as the user would type it: relative while that is shorter. */
export function shownPath(path: string): string {
  const near = relative(process.cwd(), path) || '.';
  return near.startsWith('..') ? path : near;
}
