/**
 * Embeddings: a list of strings goes to the handler, and a vector for each comes back, as numbers or as OpenAI's base64 of
 * little-endian 32-bit floats, which its clients ask for.
 */
import { type Answer, json } from '../../answer';
import { withTotal } from './piece';
import { OpenAiErrors, unusableResult } from './problem';
import { type Fields, isFields } from './request';

export type EncodingFormat = 'float' | 'base64';

type Vector = readonly number[];

/** No tokens were counted, and the schema wants numbers. */
const NOTHING_COUNTED = { prompt_tokens: 0, total_tokens: 0 };

/** One string is a list of one. */
export function textsOf({ input }: Fields): readonly string[] {
  if (typeof input === 'string') return [input];
  if (Array.isArray(input) && input.length > 0 && input.every((one) => typeof one === 'string')) return input;
  throw OpenAiErrors.badRequest('input', 'input must be a string or a list of strings; this model takes no tokens.');
}

export function encodingFormatOf({ encoding_format: format }: Fields): EncodingFormat {
  if (format === undefined || format === null || format === 'float') return 'float';
  if (format === 'base64') return format;
  throw OpenAiErrors.badRequest('encoding_format', "encoding_format must be 'float' or 'base64'.");
}

export const unusableEmbeddings = () =>
  unusableResult('The handler has to return a list of vectors, or {"embeddings": [...], "usage": {...}}.');

/** What the handler returned for so many texts: a list of vectors, or an object with them and what was used. */
export function embeddingsAnswer(result: unknown, texts: number, format: EncodingFormat, model: string): Answer {
  const { embeddings, usage } = isFields(result) ? result : { embeddings: result, usage: undefined };
  if (!isListOfVectors(embeddings)) throw unusableEmbeddings();
  if (embeddings.length !== texts)
    throw unusableResult(`The handler returned ${embeddings.length} vectors for ${texts} texts.`);
  const data = embeddings.map((vector, index) => ({
    object: 'embedding',
    index,
    embedding: format === 'float' ? vector : base64(vector),
  }));
  const used = isFields(usage) ? withTotal(usage) : NOTHING_COUNTED;
  return json(200, { object: 'list', data, model, usage: used });
}

const isListOfVectors = (value: unknown): value is readonly Vector[] =>
  Array.isArray(value) &&
  value.every((vector) => Array.isArray(vector) && vector.every((one) => typeof one === 'number'));

function base64(vector: Vector): string {
  const bytes = Buffer.allocUnsafe(vector.length * 4);
  for (const [at, number] of vector.entries()) bytes.writeFloatLE(number, at * 4);
  return bytes.toString('base64');
}
