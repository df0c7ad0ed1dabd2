/** The body of a request whose protocol is JSON: read within its limit, and known to claim to be JSON. */
import type { Call } from '../call';
import { decodeContent } from '../content-encoding';
import { Errors, shown } from '../errors';

/** Of a body that is there without a type, nothing is known. */
export type MissingType = 'refused' | 'json';

export async function readJsonBody(call: Call, maxBytes: number, missing: MissingType = 'refused'): Promise<Buffer> {
  const content = await call.readBody(maxBytes);
  if (content.length > 0) requireJson(call, missing);
  const encoding = call.header('content-encoding');
  return encoding === undefined ? content : decodeContent(content, encoding, maxBytes);
}

function requireJson(call: Call, missing: MissingType): void {
  const type = call.header('content-type') ?? (missing === 'json' ? 'application/json' : undefined);
  if (type === undefined) throw Errors.unsupportedMediaType('Content-Type is missing; send application/json.');
  if (!isJson(type))
    throw Errors.unsupportedMediaType(`Content-Type ${shown(type)} is not supported; send application/json.`);
}

/** JSON, or a format built on it; its text is always UTF-8, whatever else a parameter may say. */
const JSON_TYPE = /^application\/(?:[\w.!#$&^-]+\+)?json$/i;

function isJson(contentType: string): boolean {
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim());
  const charset = parameters.find((parameter) => /^charset=/i.test(parameter));
  return JSON_TYPE.test(type) && (charset === undefined || /^charset="?utf-?8"?$/i.test(charset));
}
