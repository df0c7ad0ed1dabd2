/** The native protocol: a JSON object whose keys are the handler's arguments, answered by what it returns or yields. */
import type { Answer } from '../answer';
import type { Call } from '../call';
import { decodeContent } from '../content-encoding';
import { encode } from '../encode';
import { Errors, shown } from '../errors';
import type { Predictor } from '../predictor';
import { parseBody } from '../validate';

export interface Limits {
  readonly maxBodyBytes: number;
  readonly maxJsonDepth: number;
}

const NO_ARGUMENTS = Buffer.from('{}');

export class NativeProtocol {
  constructor(
    private readonly limits: Limits,
    private readonly predictor: Predictor,
  ) {}

  /** The order of the checks is the fixed order of the errors. */
  async predict(call: Call): Promise<Answer> {
    const { maxBodyBytes, maxJsonDepth } = this.limits;
    const content = await call.readBody(maxBodyBytes);
    if (content.length > 0) requireJson(call);
    const encoding = call.header('content-encoding');
    const body = encoding === undefined ? content : await decodeContent(content, encoding, maxBodyBytes);
    this.predictor.deadlineOf(call);
    const input = body.length === 0 && this.predictor.model?.needsArguments !== true ? NO_ARGUMENTS : body;
    const value = parseBody(input, maxJsonDepth);
    this.predictor.check(value, input.length);
    const output = await this.predictor.predict(call, { body: input });
    return encode(output, call.header('accept'), call.requestId);
  }
}

function requireJson(call: Call): void {
  const type = call.header('content-type');
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
