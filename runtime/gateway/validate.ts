/**
 * Judges a body before any worker sees it: first whether it is JSON that Python will read the same way, then whether it
 * fits the handler. It judges a parsed copy; the worker reads the original bytes, so integers keep their precision.
 */
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { fullFormats } from 'ajv-formats/dist/formats';
import { SERVING_DEFAULTS } from '../contract/manifest';
import { Errors, type InputError } from './errors';
import { explain } from './explain';
import { isDeeperThan } from './json-depth';
import { findInfinite } from './number-rule';
import { findLoneSurrogate } from './surrogate-rule';

/** What is wrong with a value that came as so many bytes; an empty list when nothing is. */
export type Check = (value: unknown, bytes: number) => InputError[];

/** More would bury the first. */
const MOST_ERRORS = 20;

/** Checking on after the first error costs as much as the input is long. */
const MOST_ERRORS_BELOW_BYTES = 64 * 1024;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function parseBody(body: Buffer, maxDepth: number = SERVING_DEFAULTS.maxJsonDepth): unknown {
  if (body.length === 0) throw Errors.invalidJson('The body is empty; send a JSON object with the arguments.');
  if (isDeeperThan(maxDepth, body))
    throw Errors.invalidJson(`Arrays and objects are nested more than ${maxDepth} deep, the most this API allows.`);
  const text = decode(body);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw Errors.invalidJson(`${(error as Error).message}.`);
  }
  const literal = findInfinite(text);
  if (literal !== undefined) throw Errors.invalidJson(`The number ${literal} is too large for a double.`);
  const surrogate = findLoneSurrogate(text);
  if (surrogate !== undefined)
    throw Errors.invalidJson(`The escape ${surrogate} is half of a surrogate pair, which is no character.`);
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

/** Compiles a schema of JSON Schema 2020-12, once; throws when it is none. */
export function compileCheck(schema: object): Check {
  const isValid = compile(schema, false);
  let all: ValidateFunction | undefined;
  const judge = (value: unknown, bytes: number): InputError[] => {
    if (isValid(value)) return [];
    if (bytes > MOST_ERRORS_BELOW_BYTES) return explain(isValid.errors ?? []);
    all ??= compile(schema, true);
    all(value);
    return explain(all.errors ?? []).slice(0, MOST_ERRORS);
  };
  return (value, bytes) => withinStack(() => judge(value, bytes));
}

/** A recursive schema follows the input's nesting by recursion; an input can be nested deeper than any stack. */
function withinStack(judge: () => InputError[]): InputError[] {
  try {
    return judge();
  } catch (error) {
    if (error instanceof RangeError) return [{ path: '$', message: 'is nested too deeply' }];
    throw error;
  }
}

function compile(schema: object, allErrors: boolean): ValidateFunction {
  const ajv = new Ajv2020({
    // Handlers' schemas may carry keywords of their own, which describe and do not judge.
    strict: false,
    logger: false,
    verbose: true,
    allErrors,
    // To judge schemas the meta-schema is compiled first: three quarters of the time that the gateway takes to start.
    validateSchema: false,
    meta: false,
    // A function that is compiled once need not be pretty, which costs as much again.
    code: { optimize: false },
  });
  addFormats.default(ajv);
  // RFC 3339 asks for an offset; most of Python's times have none, and isoformat() then writes none.
  ajv.addFormat('date-time', fullFormats['iso-date-time']).addFormat('time', fullFormats['iso-time']);
  return ajv.compile(schema);
}
