/**
 * What predict() returned becomes tensors: one for each field of a record, otherwise one that is called `output`. Numbers,
 * booleans, strings and even arrays of them keep their shape; whatever has no shape is text of JSON. Of the rows of a batch
 * every tensor has them along its first axis.
 */
import { Errors } from '../../errors';
import { decodePacked } from '../../packed';
import { parseExact, parseTyped } from './exact-json';
import type { OutputTensor } from './response';
import { ONLY_OUTPUT, type Signature } from './signature';
import { rowsTensor, valueTensor } from './value-tensor';

/** What a worker answered. */
export interface Result {
  readonly kind: 'json' | 'packed';
  readonly body: Buffer;
}

export function resultsOf({ kind, body }: Result, signature: Signature, rows?: number): OutputTensor[] {
  const found = kind === 'packed' ? packed(body, signature) : plain(body.toString(), signature, rows);
  const names = [...signature.outputs.keys()];
  // Those that the schema does not know come last.
  const place = ({ name }: OutputTensor) => (names.includes(name) ? names.indexOf(name) : names.length);
  return found.sort((one, other) => place(one) - place(other));
}

function packed(body: Buffer, signature: Signature): OutputTensor[] {
  const { values, arrays } = decodePacked(body);
  const others = plain(values, signature, undefined);
  return [...others, ...Array.from(arrays, ([name, tensor]) => ({ name, ...tensor }))];
}

function plain(text: string, signature: Signature, rows: number | undefined): OutputTensor[] {
  const value = signature.saysAllTypes ? parseExact(text) : parseTyped(text);
  if (rows !== undefined) return ofRows(value, signature, rows);
  const named = isRecord(value) ? Object.entries(value) : [[ONLY_OUTPUT, value] as const];
  return named.map(([name, member]) => ({ name, ...valueTensor(member, signature.outputKind(name)) }));
}

function ofRows(value: unknown, signature: Signature, rows: number): OutputTensor[] {
  // The worker has counted them; one that did not is broken.
  if (!Array.isArray(value) || value.length !== rows) throw Errors.internal();
  return columnsOf(value).map(([name, column]) => ({ name, ...rowsTensor(column, signature.outputKind(name)) }));
}

/** One column for each field, when every row is a record of the same fields. */
function columnsOf(rows: readonly unknown[]): [string, readonly unknown[]][] {
  const [first] = rows;
  const names = isRecord(first) ? Object.keys(first) : [];
  const isTable = rows.every((row) => isRecord(row) && `${Object.keys(row)}` === `${names}`);
  if (!isTable) return [[ONLY_OUTPUT, rows]];
  return names.map((name) => [name, rows.map((row) => (row as Record<string, unknown>)[name])]);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.getPrototypeOf(value) === Object.prototype;
