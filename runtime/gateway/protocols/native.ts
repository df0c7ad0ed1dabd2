/** The native protocol: a JSON object whose keys are the handler's arguments, answered by what it returns or yields. */
import type { Answer } from '../answer';
import type { Call } from '../call';
import { encode } from '../encode';
import { packArrays } from '../pack-arrays';
import type { Predictor } from '../predictor';
import type { Route } from '../route';
import { parseBody } from '../validate';
import { type MissingType, readJsonBody } from './json-body';

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

  get routes(): Route[] {
    return [{ path: '/predict', method: 'POST', respond: (call) => this.predict(call) }];
  }

  /** The order of the checks is the fixed order of the errors. */
  async predict(call: Call, missingType?: MissingType): Promise<Answer> {
    const body = await readJsonBody(call, this.limits.maxBodyBytes, missingType);
    this.predictor.deadlineOf(call);
    const { model } = this.predictor;
    const input = body.length === 0 && model?.needsArguments !== true ? NO_ARGUMENTS : body;
    const value = parseBody(input, this.limits.maxJsonDepth);
    this.predictor.check(value, input.length);
    const packed = model === undefined ? { body: input } : packArrays(input, value, model.handler);
    const output = await this.predictor.predict(call, packed);
    try {
      return await encode(output, call.header('accept'), call.requestId);
    } catch (error) {
      // Of a stream that is refused half-way nobody reads the rest.
      this.predictor.forget(call);
      throw error;
    }
  }
}
