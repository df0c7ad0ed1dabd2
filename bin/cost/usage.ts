/**
 * What is billed by use, as far as a rate of requests tells it: capacity units of a load balancer, lines of the log, and
 * metrics, which exist only in hours with something to say.
 */
import { METRICS } from '../../runtime/contract/metrics';
import type { FoundApi } from './model-apis';
import type { Prices } from './prices';
import type { Replicas } from './replicas';
import { type Columns, columns, HOURS_A_MONTH } from './situations';

const SECONDS_A_MONTH = HOURS_A_MONTH * 3600;
export const MILLION = 1_000_000;
const GB = 1_000_000_000;

/** What an estimate takes a request to be; printed with it. */
export const REQUEST = {
  /** Of request and answer, with their headers. */
  kilobytes: 4,
  /** Of its line in the log, and what CloudWatch adds to each. */
  logBytes: 400,
  /** The gateway writes no more lines of successful requests a second. */
  loggedPerSecond: 50,
} as const;

/** Metrics of a replica that nobody calls: a line every ten seconds. */
const IDLE_LOG_GB = 0.3;

export function requestsAMonth(rate: number): number {
  return rate * SECONDS_A_MONTH;
}

/** One unit is 25 new connections a second, or 1 GB an hour; whichever is more. Each request has its own connection. */
export function capacityUnits(rate: number): number {
  const gigabytesAnHour = (rate * 3600 * REQUEST.kilobytes * 1000) / GB;
  return Math.max(rate / 25, gigabytesAnHour);
}

export function logMonth({ count, rate = 0 }: Replicas, prices: Prices): Columns {
  return columns((situation) => {
    const lines = situation === 'idle' ? 0 : requestsAMonth(Math.min(rate, REQUEST.loggedPerSecond));
    const gigabytes = count[situation] * (IDLE_LOG_GB + (lines * REQUEST.logBytes) / GB);
    return gigabytes * prices.of('logsGb');
  });
}

/** Those of the table that this API writes. Whether its handler works in batches, no template tells. */
export function metricMonth({ replica, overlay }: FoundApi, { count }: Replicas, prices: Prices): Columns {
  const written = Object.values(METRICS).filter(({ emf }) => replica.gpus > 0 || !emf.startsWith('Gpu'));
  const durations = written.filter(({ prometheusType }) => prometheusType === 'histogram');
  const idle = written.length - durations.length;
  const busy = written.filter(({ emf }) => emf !== METRICS.batchSize.emf).length;
  return columns((situation) => {
    if (overlay.emf === false || count[situation] === 0) return 0;
    return (situation === 'idle' ? idle : busy) * prices.of('metric');
  });
}
