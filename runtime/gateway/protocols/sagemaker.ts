/**
 * The container contract of Amazon SageMaker, for endpoints and batch transforms: `/ping`, `/invocations` and
 * `/execution-parameters`. An invocation is a native prediction under another name; the platform's own headers say nothing
 * that a handler needs and are ignored.
 */
import { type Answer, json } from '../answer';
import type { Health } from '../health';
import type { Route } from '../route';
import type { NativeProtocol } from './native';

const MIB = 1024 * 1024;

/** A transform job holds no more than this in flight: payload times concurrent transforms. */
const MOST_TRANSFORM_MB = 100;

export interface SageMakerLimits {
  readonly maxBodyBytes: number;
}

export class SageMakerProtocol {
  constructor(
    private readonly limits: SageMakerLimits,
    private readonly native: NativeProtocol,
    private readonly health: Health,
    /** Requests that run at a time; known when the handler is loaded. */
    private readonly capacity: () => number,
  ) {}

  get routes(): Route[] {
    return [
      { path: '/ping', method: 'GET', respond: () => this.#ping(), isProbe: true },
      // Who calls InvokeEndpoint without a content type sends none.
      { path: '/invocations', method: 'POST', respond: (call) => this.native.predict(call, 'json') },
      { path: '/execution-parameters', method: 'GET', respond: () => this.#executionParameters() },
    ];
  }

  /** Throws what `/readyz` does; the platform looks at the status alone. */
  #ping(): Answer {
    this.health.ready();
    return { status: 200, contentType: 'text/plain', body: '' };
  }

  /** What a transform job that says nothing itself runs by. */
  #executionParameters(): Answer {
    this.health.ready();
    // 0 would mean any size.
    const payloadMb = within(1, Math.floor(this.limits.maxBodyBytes / MIB), MOST_TRANSFORM_MB);
    return json(200, {
      MaxConcurrentTransforms: within(1, this.capacity(), Math.floor(MOST_TRANSFORM_MB / payloadMb)),
      BatchStrategy: 'SINGLE_RECORD',
      MaxPayloadInMB: payloadMb,
    });
  }
}

const within = (least: number, value: number, most: number) => Math.max(least, Math.min(value, most));
