/**
 * The numbers that must agree between load balancer, scheduler, container and gateway, computed in one place from the
 * request timeout D and the load timeout L. All in seconds. `test/runtime/contract/timing.test.ts` asserts every
 * inequality; nobody else writes one of these numbers down.
 */

export interface TimingOptions {
  /** D: longest time from a request's arrival to its answer. */
  readonly requestTimeout: number;
  /** L: longest time a worker may take to load the handler. */
  readonly loadTimeout: number;
  /** Fargate caps the stop timeout at 120 s. */
  readonly stopTimeoutLimit?: number;
}

export interface Timing {
  readonly requestTimeout: number;
  readonly loadTimeout: number;
  /** How long the load balancer keeps a connection on which nothing moves: outlives a request. */
  readonly idleTimeout: number;
  /** The gateway closes idle connections after the load balancer has, or a request is sent into a closing one. */
  readonly keepAliveTimeout: number;
  /** Above keep-alive: Node counts it from the moment the connection went idle. */
  readonly headersTimeout: number;
  /** How long the load balancer lets a leaving replica finish. */
  readonly deregistrationDelay: number;
  /** After SIGTERM: readiness says 503 while requests are still taken, until every load balancer has noticed. */
  readonly serveOn: number;
  /** From SIGTERM to SIGKILL. */
  readonly stopTimeout: number;
  /** During it failed target health checks do not count. */
  readonly healthCheckGrace: number;
  /** The container health check's start period; ECS allows at most 300 s. */
  readonly startPeriod: number;
}

export const DEFAULT_REQUEST_TIMEOUT = 55;
export const DEFAULT_LOAD_TIMEOUT = 600;

/** The container's liveness check, `/healthz`. */
export const CONTAINER_HEALTH_CHECK = { interval: 10, timeout: 5, retries: 3 } as const;

/** The load balancer's readiness check, `/readyz`. Three failures take 30 s: longer than any pause of a collector. */
export const TARGET_HEALTH_CHECK = { interval: 10, timeout: 5, healthyThreshold: 2, unhealthyThreshold: 3 } as const;

const SERVE_ON = 15;
const START_PERIOD_LIMIT = 300;

export function timing(options: TimingOptions): Timing {
  const { requestTimeout, loadTimeout, stopTimeoutLimit = Number.POSITIVE_INFINITY } = options;
  const idleTimeout = requestTimeout + 5;
  const keepAliveTimeout = idleTimeout + 15;
  return {
    requestTimeout,
    loadTimeout,
    idleTimeout,
    keepAliveTimeout,
    headersTimeout: keepAliveTimeout + 5,
    deregistrationDelay: requestTimeout + 5,
    serveOn: SERVE_ON,
    stopTimeout: Math.min(stopTimeoutLimit, requestTimeout + 20),
    healthCheckGrace: loadTimeout + 30,
    startPeriod: Math.min(START_PERIOD_LIMIT, loadTimeout),
  };
}
