/**
 * A request of OpenAI's APIs becomes the handler's keyword arguments. Its fields reach the handler as they were written;
 * those that predict() does not name are left out, because clients send many, and so is null, which to OpenAI is "not given".
 */
import { memberTexts } from '../../json-member';
import { parseBody } from '../../validate';
import type { Parameters } from './declaration';
import { OpenAiErrors } from './problem';

export type Fields = Readonly<Record<string, unknown>>;

/** Between client and server; the handler gets one only where predict() names it. */
const PROTOCOL_FIELDS: ReadonlySet<string> = new Set(['model', 'stream', 'stream_options', 'n', 'user']);

/** OpenAI renamed it, and models did not. */
const OLDER_NAMES: readonly (readonly [string, string])[] = [['max_completion_tokens', 'max_tokens']];

export class OpenAiRequest {
  readonly fields: Fields;
  readonly #text: string;

  constructor(body: Buffer, maxJsonDepth: number) {
    const value = parseBody(body, maxJsonDepth);
    if (!isFields(value)) throw OpenAiErrors.badRequest(null, 'The body must be a JSON object.');
    this.fields = value;
    this.#text = body.toString('utf8');
  }

  get isStreamed(): boolean {
    return this.#flag(this.fields, 'stream', 'stream');
  }

  /** Whether the stream ends with what was used. */
  get wantsUsage(): boolean {
    const { stream_options: options } = this.fields;
    if (options === undefined || options === null) return false;
    if (!isFields(options)) throw OpenAiErrors.badRequest('stream_options', 'stream_options must be an object.');
    if (!this.isStreamed) throw OpenAiErrors.badRequest('stream_options', 'stream_options is for stream: true alone.');
    return this.#flag(options, 'include_usage', 'stream_options.include_usage');
  }

  /** Refuses a request for another model, or for several answers. */
  checkModel(name: string): void {
    const { model, n } = this.fields;
    if (model !== undefined && model !== null && typeof model !== 'string')
      throw OpenAiErrors.badRequest('model', 'model must be a string.');
    if (typeof model === 'string' && model !== name) throw OpenAiErrors.modelNotFound(model, name);
    if (n !== undefined && n !== null && n !== 1)
      throw OpenAiErrors.badRequest('n', 'n must be 1: this model gives one answer to a request.');
  }

  /** The handler's input as JSON; `subject` replaces the field of that name, or the text of it is taken. */
  input({ named, takesOthers }: Parameters, subject: Fields): Buffer {
    const texts = memberTexts(this.#text);
    for (const [name, older] of OLDER_NAMES) {
      if (!named.has(name) && named.has(older) && isAbsent(texts.get(older))) rename(texts, name, older);
    }
    for (const [name, value] of Object.entries(subject)) texts.set(name, JSON.stringify(value));
    const isTaken = (name: string) => named.has(name) || (takesOthers && !PROTOCOL_FIELDS.has(name));
    const members = [...texts].filter(([name, text]) => isTaken(name) && !isAbsent(text));
    return Buffer.from(`{${members.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`);
  }

  #flag(fields: Fields, name: string, param: string): boolean {
    const value = fields[name] ?? false;
    if (typeof value !== 'boolean') throw OpenAiErrors.badRequest(param, `${param} must be true or false.`);
    return value;
  }
}

function rename(texts: Map<string, string>, name: string, older: string): void {
  const text = texts.get(name);
  texts.delete(name);
  if (text !== undefined) texts.set(older, text);
}

const isAbsent = (text: string | undefined) => text === undefined || text === 'null';

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
