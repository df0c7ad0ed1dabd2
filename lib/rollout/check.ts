/** By what a new version is judged: options → what the function is told, and their checks. */
import { type Duration, Token } from 'aws-cdk-lib';
import type { LatencyLimits } from '../../runtime/contract/probe';
import { type Check, isKnown } from '../private/check';
import type { RolloutCheck } from './binding';
import type { RolloutCheckOptions } from './check-options';

/** As far as two processors, or two releases of a library, differ in single precision. */
const TOLERANCE = 1e-5;
const LATENCY_REQUESTS = 20;

/** Undefined where nothing is looked at: then there is no function. */
export function bindCheck(options: RolloutCheckOptions = {}): RolloutCheck | undefined {
  const { samples = true, tolerance = TOLERANCE, contract = true } = options;
  const latency = limitsOf(options);
  if (!samples && !contract && latency === undefined) return undefined;
  return { ...(samples && { samples: { tolerance } }), contract, latency };
}

function limitsOf(options: RolloutCheckOptions): LatencyLimits | undefined {
  const { maxLatencyRatio: ratio, latencyRequests: requests = LATENCY_REQUESTS } = options;
  const [p50Ms, p95Ms] = [options.maxLatencyP50, options.maxLatencyP95].map((limit) => limit?.toMilliseconds());
  const limited = [p50Ms, p95Ms, ratio].some((limit) => limit !== undefined);
  return limited ? { p50Ms, p95Ms, ratio, requests } : undefined;
}

export function checkCheck(check: Check, options: RolloutCheckOptions = {}): void {
  const { samples = true, tolerance, maxLatencyP50, maxLatencyP95, maxLatencyRatio, latencyRequests } = options;
  const limits = { maxLatencyP50, maxLatencyP95, maxLatencyRatio };
  check.that(
    !isKnown(tolerance) || (tolerance >= 0 && tolerance < 1),
    `check.tolerance must be from 0 to below 1 (got ${tolerance})`,
  );
  check.that(
    samples || tolerance === undefined,
    `check.tolerance (${tolerance}) has no effect with samples false: leave one of the two out`,
  );
  checkLimit(check, 'check.maxLatencyP50', maxLatencyP50);
  checkLimit(check, 'check.maxLatencyP95', maxLatencyP95);
  check.that(
    !isKnown(maxLatencyRatio) || maxLatencyRatio > 0,
    `check.maxLatencyRatio must be above 0 (got ${maxLatencyRatio})`,
  );
  check.integer('check.latencyRequests', latencyRequests, 1);
  check.that(
    latencyRequests === undefined || Object.values(limits).some((limit) => limit !== undefined),
    `check.latencyRequests (${latencyRequests}) has no effect without a limit: give one of ${Object.keys(limits).join(', ')}`,
  );
  checkTime(check, options);
  for (const name of ['tolerance', 'maxLatencyRatio', 'latencyRequests'] as const) {
    check.that(!Token.isUnresolved(options[name]), `check.${name} must be known at synth: the function is told of it`);
  }
}

function checkLimit(check: Check, name: string, limit?: Duration): void {
  check.that(!limit?.isUnresolved(), `${name} must be known at synth: the function is told of it`);
  if (limit === undefined || limit.isUnresolved()) return;
  check.that(
    limit.toMilliseconds({ integral: false }) > 0,
    `${name} must be above 0 (got ${limit.toMilliseconds()} ms)`,
  );
}

/** What is left of a function's 15 minutes when versions were found and samples were asked. */
const MOST_SECONDS = 800;

/** A version that just keeps its limits must be through in the time that a function has. */
function checkTime(check: Check, options: RolloutCheckOptions): void {
  const { latencyRequests: requests = LATENCY_REQUESTS, maxLatencyP50: p50, maxLatencyP95: p95 } = options;
  const limits = [p50 ?? p95, p95 ?? p50].filter((limit) => limit !== undefined && !limit.isUnresolved());
  if (limits.length < 2 || Token.isUnresolved(requests)) return;
  const seconds = limits.reduce((sum, limit) => sum + (limit?.toSeconds({ integral: false }) ?? 0), 0);
  const most = Math.round((requests / 2) * seconds);
  check.that(
    most <= MOST_SECONDS,
    `check.latencyRequests (${requests}) may take ${most} s within their limits, and the function has ${MOST_SECONDS} s for them: lower latencyRequests, or the limits`,
  );
}
