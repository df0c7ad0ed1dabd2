/** The native protocol: a JSON object whose keys are the handler's arguments, answered by what it returns, as JSON. */
import type { Admission } from '../admit';
import type { Answer } from '../answer';
import type { Call } from '../call';
import { decodeContent } from '../content-encoding';
import { encode } from '../encode';
import { Errors, shown } from '../errors';
import type { Model } from '../model';
import { Prediction } from '../prediction';
import { parseBody } from '../validate';
import type { WorkerPool } from '../worker/pool';

export interface Limits {
  readonly maxBodyBytes: number;
  readonly maxJsonDepth: number;
  readonly requestTimeoutMs: number;
}

const NO_ARGUMENTS = Buffer.from('{}');

export class NativeProtocol {
  constructor(
    private readonly limits: Limits,
    private readonly pool: WorkerPool,
    private readonly admission: Admission,
  ) {}

  /** The order of the checks is the fixed order of the errors. */
  async predict(call: Call): Promise<Answer> {
    const { maxBodyBytes, maxJsonDepth } = this.limits;
    const content = await call.readBody(maxBodyBytes);
    if (content.length > 0) requireJson(call);
    const encoding = call.header('content-encoding');
    const body = encoding === undefined ? content : await decodeContent(content, encoding, maxBodyBytes);
    const limitAt = call.arrivedAt + this.limits.requestTimeoutMs;
    const deadlineAt = Math.min(limitAt, call.arrivedAt + wantedMs(call));
    const { model } = this.pool;
    const input = body.length === 0 && model?.needsArguments !== true ? NO_ARGUMENTS : body;
    const value = parseBody(input, maxJsonDepth);
    if (model !== undefined) requireFit(model, value, input.length);
    return this.#answer(call, new Prediction(call.requestId, input, deadlineAt, limitAt));
  }

  async #answer(call: Call, prediction: Prediction): Promise<Answer> {
    call.prediction = prediction;
    this.admission.admit(prediction);
    call.onDisconnect(() => this.admission.forget(prediction));
    return encode(await prediction.answer);
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

/** The caller may shorten the deadline, not lengthen it. */
function wantedMs(call: Call): number {
  const wanted = call.header('x-model-api-timeout-ms');
  if (wanted === undefined) return Number.POSITIVE_INFINITY;
  if (!/^[1-9]\d{0,14}$/.test(wanted)) throw Errors.invalidTimeout(wanted);
  return Number(wanted);
}

function requireFit(model: Model, value: unknown, bytes: number): void {
  const errors = model.check(value, bytes);
  if (errors.length > 0) throw Errors.invalidInput(errors);
}
