/**
 * The metrics as CloudWatch reads them: one line of embedded metric format a window, never one a request. An idle window
 * says zero, so that a missing line means a missing replica; only durations and batch sizes, which zero would falsify, are
 * left out, and so are GPUs where there is none. The handler's own metrics are in the same line, under the same dimension.
 */

import type { ServingConfig } from '../contract/manifest';
import { EMF_INTERVAL_MS, METRIC_DIMENSION, METRIC_NAMESPACE, METRICS, type MetricKey } from '../contract/metrics';
import type { Log } from './log';
import type { Metrics, Window } from './metrics';

const METADATA_VARIABLE = 'ECS_CONTAINER_METADATA_URI_V4';
const METADATA_TIMEOUT_MS = 2_000;

export function emfLine(window: Window, api: string, timestamp: number, taskId?: string): string {
  const keys = (Object.keys(METRICS) as MetricKey[]).filter((key) => window[key] !== undefined);
  const definitions = keys.map((key) => {
    const { emf, unit, storageResolution } = METRICS[key];
    return { Name: emf, Unit: unit, StorageResolution: storageResolution };
  });
  const own = [...window.handler].filter(([, value]) => value !== undefined);
  const ownDefinitions = own.map(([name, value]) => ({
    Name: name,
    Unit: typeof value === 'number' ? 'Count' : 'None',
  }));
  const directive = {
    Namespace: METRIC_NAMESPACE,
    Dimensions: [[METRIC_DIMENSION]],
    Metrics: [...definitions, ...ownDefinitions],
  };
  const values = Object.fromEntries(keys.map((key) => [METRICS[key].emf, window[key]]));
  const metadata = { Timestamp: timestamp, CloudWatchMetrics: [directive] };
  return JSON.stringify({
    _aws: metadata,
    [METRIC_DIMENSION]: api,
    TaskId: taskId,
    ...values,
    ...Object.fromEntries(own),
  });
}

/** Closes a window every ten seconds, and writes it when `write` says so. Returns how to close the last one. */
export function startWindows(metrics: Metrics, log: Log, { name, emf: write }: ServingConfig): () => void {
  let taskId: string | undefined;
  if (write) void readTaskId().then((id) => (taskId = id));
  const close = () => {
    const window = metrics.takeWindow();
    if (write) log.metrics(emfLine(window, name, Date.now(), taskId));
  };
  const timer = setInterval(close, EMF_INTERVAL_MS);
  return () => {
    clearInterval(timer);
    close();
  };
}

/** The last part of the task's ARN. Outside ECS there is none; nobody waits for it. */
async function readTaskId(): Promise<string | undefined> {
  const base = process.env[METADATA_VARIABLE];
  if (base === undefined) return undefined;
  try {
    const answer = await fetch(`${base}/task`, { signal: AbortSignal.timeout(METADATA_TIMEOUT_MS) });
    const { TaskARN: arn } = (await answer.json()) as { TaskARN: string };
    return arn.split('/').pop();
  } catch {
    return undefined;
  }
}
