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

export async function checkLatency(
  samples: readonly ProbeSample[],
  { green, blue }: Measured,
  limits: LatencyLimits,
  timeLeft: TimeLeft,
): Promise<Finding[]> {
  const compared = limits.ratio !== undefined && blue.length > 0;
  const times = { green: [] as number[], blue: [] as number[] };
  for (let index = 0; index < limits.requests; index += 1) {
    if (timeLeft() <= 0) return [outOfTime(index, limits.requests)];
    const { input } = samples[index % samples.length] as ProbeSample;
    times.green.push(await millisecondsOf(green, index, input, timeLeft()));
    if (compared) times.blue.push(await millisecondsOf(blue, index, input, timeLeft()));
  }
  return judged(times, limits);
}

/** One that fails has taken for ever. */
async function millisecondsOf(
  targets: readonly Target[],
  index: number,
  input: unknown,
  mostMs: number,
): Promise<number> {
  const startedAt = performance.now();
  const target = targets[index % targets.length] as Target;
  const answered = await ask(target, '/predict', input, mostMs).catch(() => undefined);
  return answered?.statusCode === 200 ? performance.now() - startedAt : Number.POSITIVE_INFINITY;
}

function judged(
  times: { green: number[]; blue: number[] },
  { p50Ms, p95Ms, ratio, requests }: LatencyLimits,
): Finding[] {
  const [p50, p95] = [percentile(times.green, 50), percentile(times.green, 95)];
  const before = percentile(times.blue, 50);
  const findings: string[] = [];
  if (p50Ms !== undefined && p50 > p50Ms)
    findings.push(`the median of ${requests} requests is ${ms(p50)}, above ${p50Ms} ms`);
  if (p95Ms !== undefined && p95 > p95Ms) findings.push(`p95 of ${requests} requests is ${ms(p95)}, above ${p95Ms} ms`);
  if (ratio !== undefined && p50 > ratio * before) {
    findings.push(
      `the median of ${requests} requests is ${ms(p50)}, more than ${ratio} times that of the version before, ${ms(before)}`,
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
