/** When workers die that die with their first request, as the gateway starts them anew, and what an alarm sees of it. */
import { pauseMs } from '../../runtime/gateway/worker/crashes';

/** Load times in seconds, up to the longest at which alarms on restarts promise to ring. */
export const LOAD_TIMES = [0.5, 1, 5, 10, 30, 60, 90, 120];

/** An alarm on a sum. */
export interface SumAlarm {
  readonly Period: number;
  readonly EvaluationPeriods: number;
  readonly DatapointsToAlarm?: number;
  readonly Threshold: number;
  readonly ComparisonOperator: string;
}

/** Seconds from the first death of the only worker of the only replica, without an answer between. */
function deaths(loadSeconds: number, until: number): number[] {
  const times: number[] = [];
  for (let now = 0; now < until; now += pauseMs(times.length) / 1000 + loadSeconds) times.push(now);
  return times;
}

/** How many are seen in each minute: replicas report every ten seconds, and the first death may come at any second. */
function byMinute(times: number[], phase: number): number[] {
  const minutes: number[] = [];
  for (const time of times) {
    const minute = Math.floor((Math.ceil((time + phase) / 10) * 10) / 60);
    minutes[minute] = (minutes[minute] ?? 0) + 1;
  }
  return minutes;
}

/** Minutes from the first death until the alarm rings, at the unluckiest second; for ever when it never does. */
export function minutesUntilRinging(alarm: SumAlarm, loadSeconds: number): number {
  const times = deaths(loadSeconds, 3600);
  const found = Array.from({ length: 60 }, (_, phase) => firstRinging(alarm, byMinute(times, phase)));
  return Math.max(...found);
}

function firstRinging(alarm: SumAlarm, counts: number[]): number {
  const { Period, EvaluationPeriods, DatapointsToAlarm = EvaluationPeriods, Threshold, ComparisonOperator } = alarm;
  const width = Period / 60;
  const least = ComparisonOperator === 'GreaterThanThreshold' ? Threshold + 1 : Threshold;
  for (let end = 1; end <= 60; end += 1) {
    const sums = Array.from({ length: EvaluationPeriods }, (_, age) => {
      const from = Math.max(0, end - width * (age + 1));
      return counts.slice(from, Math.max(0, end - width * age)).reduce((sum, one) => sum + (one ?? 0), 0);
    });
    if (sums.filter((sum) => sum >= least).length >= DatapointsToAlarm) return end;
  }
  return Number.POSITIVE_INFINITY;
}
