/**
 * Judges a body before any worker sees it: first whether it is JSON that Python will read the same way, then whether it
 * fits the handler. It judges a parsed copy; the worker reads the original bytes, so integers keep their precision.
 */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { Errors, type InputError } from './errors';
import { explain } from './explain';

/** What is wrong with a value that came as so many bytes; an empty list when nothing is. */
export type Check = (value: unknown, bytes: number) => InputError[];

/** More would bury the first. */
const MOST_ERRORS = 20;

/** Checking on after the first error costs as much as the input is long. */
const MOST_ERRORS_BELOW_BYTES = 64 * 1024;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function parseBody(body: Buffer): unknown {
  if (body.length === 0) throw Errors.invalidJson('The body is empty; send a JSON object with the arguments.');
  const text = decode(body);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw Errors.invalidJson(`${(error as Error).message}.`);
  }
  const literal = findInfinite(text);
  if (literal !== undefined) throw Errors.invalidJson(`The number ${literal} is too large for a double.`);
  return value;
}

function decode(body: Buffer): string {
  let text: string;
  try {
    text = utf8.decode(body);
  } catch {
    throw Errors.invalidJson('The body is not valid UTF-8.');
  }
  if (text.startsWith('\ufeff')) throw Errors.invalidJson('The body begins with a byte order mark; JSON has none.');
  return text;
}

/** Only a long run of digits or an exponent of three digits can be infinite; most bodies have neither. */
const MAYBE_INFINITE = /[eE]\+?\d{3}|(?<!\d)\d{200}/;

/** The strings, so that what looks like a number in them is passed over, and the numbers of a valid JSON text. */
const STRING_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

/**
 * A number literal that is no finite double, wherever it stands, be it under a key that a later one overrides. JSON.parse
 * reads Infinity there and Python something else, so that neither side may go on.
 */
function findInfinite(text: string): string | undefined {
  if (!MAYBE_INFINITE.test(text)) return undefined;
  for (const [literal] of text.matchAll(STRING_OR_NUMBER)) {
    if (literal[0] !== '"' && !Number.isFinite(Number(literal))) return shorten(literal);
  }
  return undefined;
}

const shorten = (literal: string) => (literal.length > 40 ? `${literal.slice(0, 37)}...` : literal);

/** Compiles a schema of JSON Schema 2020-12, once; throws when it is none. */
export function compileCheck(schema: object): Check {
  const isValid = compile(schema, false);
  let all: ValidateFunction | undefined;
  return (value, bytes) => {
    if (isValid(value)) return [];
    if (bytes > MOST_ERRORS_BELOW_BYTES) return explain(isValid.errors ?? []);
    all ??= compile(schema, true);
    all(value);
    return explain(all.errors ?? []).slice(0, MOST_ERRORS);
  };
}

function compile(schema: object, allErrors: boolean): ValidateFunction {
  // Handlers' schemas may carry keywords of their own, which describe and do not judge.
  const ajv = new Ajv2020({ strict: false, logger: false, verbose: true, allErrors });
  addFormats.default(ajv);
  return ajv.compile(schema);
}
