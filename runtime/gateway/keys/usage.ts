/** How much each key is used: one line of the log a minute for every key that was, so that a query sums them by `key_id`. */
import type { Log } from '../log';

const INTERVAL_MS = 60_000;

/** Tells from now on how far the counters have come. Returns how to tell the last of it. */
export function startUsageReports(counters: ReadonlyMap<string, number>, log: Log): () => void {
  const told = new Map<string, number>();
  const report = () => {
    for (const [keyId, count] of counters) {
      const requests = count - (told.get(keyId) ?? 0);
      told.set(keyId, count);
      if (requests > 0) log.event('info', 'key_usage', `${keyId}: ${requests} requests.`, { key_id: keyId, requests });
    }
  };
  const timer = setInterval(report, INTERVAL_MS);
  return () => {
    clearInterval(timer);
    report();
  };
}
