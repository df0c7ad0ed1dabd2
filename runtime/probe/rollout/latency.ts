/**
 * How long the new version takes, by the samples in turn, beside the version before. The two are asked alternately, so
 * that what disturbs one disturbs the other as well.
 */
import type { LatencyLimits, ProbeSample } from '../../contract/probe';
import { ask } from '../ask';
import type { Target } from '../targets';
import type { Finding, TimeLeft } from './finding';

export interface Measured {
  readonly green: readonly Target[];
  readonly blue: readonly Target[];
}

export interface Latency {
  readonly findings: readonly Finding[];
  /** What could not be compared, and why. */
  readonly notes: readonly string[];
}

/** Of each request, in milliseconds. One that fails has taken for ever. */
interface Times {
  /** As the function sees it. */
  readonly seen: number[];
  /** As the replica reports it, without the way there: what two versions are compared by. */
  readonly reported: number[];
}

export async function checkLatency(
  samples: readonly ProbeSample[],
  { green, blue }: Measured,
  limits: LatencyLimits,
  timeLeft: TimeLeft,
): Promise<Latency> {
  const compared = limits.ratio !== undefined && blue.length > 0;
  const times = { green: none(), blue: none() };
  for (let index = 0; index < limits.requests; index += 1) {
    if (timeLeft() <= 0) return { findings: [outOfTime(index, limits.requests)], notes: [] };
    const { input } = samples[index % samples.length] as ProbeSample;
    await measure(times.green, green[index % green.length] as Target, input, timeLeft());
    if (compared) await measure(times.blue, blue[index % blue.length] as Target, input, timeLeft());
  }
  const before = percentile(times.blue.reported, 50);
  const isUnknown = compared && !Number.isFinite(before);
  return { findings: judged(times.green, before, limits), notes: isUnknown ? [UNKNOWN] : [] };
}

const UNKNOWN =
  'the latency of the two versions was not compared: the version before failed half of its requests or more';

const none = (): Times => ({ seen: [], reported: [] });

async function measure({ seen, reported }: Times, target: Target, input: unknown, mostMs: number): Promise<void> {
  const startedAt = performance.now();
  const answered = await ask(target, '/predict', input, Math.max(1, mostMs)).catch(() => undefined);
  const took = answered?.statusCode === 200 ? performance.now() - startedAt : Number.POSITIVE_INFINITY;
  seen.push(took);
  reported.push(Number.isFinite(took) ? (totalOf(answered?.headers['server-timing']) ?? took) : took);
}

/** What the header `Server-Timing` says of the whole request. */
function totalOf(timing = ''): number | undefined {
  const [, total] = /\btotal;dur=([\d.]+)/.exec(timing) ?? [];
  return total === undefined ? undefined : Number(total);
}

function judged(green: Times, before: number, { p50Ms, p95Ms, ratio, requests }: LatencyLimits): Finding[] {
  const [p50, p95] = [percentile(green.seen, 50), percentile(green.seen, 95)];
  const reported = percentile(green.reported, 50);
  const findings: string[] = [];
  if (p50Ms !== undefined && p50 > p50Ms)
    findings.push(`the median of ${requests} requests is ${ms(p50)}, above ${p50Ms} ms`);
  if (p95Ms !== undefined && p95 > p95Ms) findings.push(`p95 of ${requests} requests is ${ms(p95)}, above ${p95Ms} ms`);
  if (ratio !== undefined && reported > ratio * before) {
    findings.push(
      `the median of ${requests} requests is ${ms(reported)}, more than ${ratio} times that of the version before, ${ms(before)}`,
    );
  }
  return findings.map((message) => ({ check: 'latency' as const, message, fix: FIX }));
}

const FIX = 'make the handler faster, give replicas more of what it waits for, or raise the limit in the rollout check';

/** The smallest value that is not exceeded by so many percent; of nothing it is for ever, which exceeds nothing. */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.ceil((percent / 100) * sorted.length) - 1] ?? Number.POSITIVE_INFINITY;
}

function ms(value: number): string {
  return Number.isFinite(value) ? `${value.toFixed(1)} ms` : 'no answer at all';
}

function outOfTime(asked: number, all: number): Finding {
  return {
    check: 'latency',
    message: `only ${asked} of ${all} requests were answered in the time that a function has`,
    fix: 'lower latencyRequests of the rollout check',
  };
}
