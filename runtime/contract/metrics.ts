/**
 * The one table of metrics: the gateway emits these, and dashboards, alarms and scaling read them by the same rows.
 */

/** CloudWatch namespace of every metric. */
export const METRIC_NAMESPACE = 'ModelApi';
/** The only dimension: one API of one deployment. */
export const METRIC_DIMENSION = 'Api';
/** One EMF line a replica this often, zeros when idle, so that a missing line means a missing replica. */
export const EMF_INTERVAL_MS = 10_000;

/** CloudWatch's names of units. */
export type MetricUnit = 'Count' | 'Milliseconds' | 'Seconds' | 'Percent' | 'Bytes' | 'None';

export interface PrometheusRow {
  /** The family's name. Durations are in seconds there. */
  readonly prometheus: string;
  readonly prometheusType: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
}

/** A metric of both, which say the same. */
export interface MetricRow extends PrometheusRow {
  /** CloudWatch metric name. */
  readonly emf: string;
  readonly unit: MetricUnit;
  /** 1: stored by the second, for alarms faster than a minute; 60 otherwise. */
  readonly storageResolution: 1 | 60;
  /** What a replica has to have, or it says nothing of this: not even zero. */
  readonly needs?: 'gpu';
}

const row = (
  emf: string,
  unit: MetricUnit,
  prometheus: string,
  prometheusType: MetricRow['prometheusType'],
  help: string,
  storageResolution: MetricRow['storageResolution'] = 60,
): MetricRow => ({ emf, unit, storageResolution, prometheus, prometheusType, help });

/** A gauge of each GPU, of which replicas without any say nothing. */
const ofGpu = (emf: string, unit: MetricUnit, prometheus: string, help: string): MetricRow => ({
  ...row(emf, unit, prometheus, 'gauge', help),
  needs: 'gpu',
});

export const METRICS = {
  offeredConcurrency: row(
    'OfferedConcurrency',
    'Count',
    'model_api_offered_concurrency',
    'gauge',
    'Time-weighted mean of running + queued requests, plus shed requests a second times the mean service time.',
    1,
  ),
  requests: row('Requests', 'Count', 'model_api_requests_total', 'counter', 'Answered requests, by status code.'),
  clientErrors: row(
    'ClientErrors',
    'Count',
    'model_api_requests_total',
    'counter',
    'Answered requests with a 4xx code.',
  ),
  serverErrors: row(
    'ServerErrors',
    'Count',
    'model_api_requests_total',
    'counter',
    'Answered requests with a 5xx code, apart from shed ones, those before the first load, and what callers decided.',
  ),
  shed: row(
    'Shed',
    'Count',
    'model_api_shed_total',
    'counter',
    'Requests refused at once because a queue was full or too slow, by reason; to Prometheus also before the first load.',
  ),
  timeouts: row('Timeouts', 'Count', 'model_api_timeouts_total', 'counter', 'Requests whose deadline passed.'),
  disconnects: row(
    'Disconnects',
    'Count',
    'model_api_disconnects_total',
    'counter',
    'Requests whose caller closed the connection before the answer.',
  ),
  latency: row(
    'Latency',
    'Milliseconds',
    'model_api_request_duration_seconds',
    'histogram',
    'From the last byte of the request to the first byte of the answer, or until the caller gave up. Not of 401s, nor of deadlines that the caller shortened.',
  ),
  queueTime: row(
    'QueueTime',
    'Milliseconds',
    'model_api_queue_duration_seconds',
    'histogram',
    'Time a request waited for a worker.',
  ),
  predictTime: row(
    'PredictTime',
    'Milliseconds',
    'model_api_predict_duration_seconds',
    'histogram',
    'Time a worker held a request.',
  ),
  batchSize: row('BatchSize', 'Count', 'model_api_batch_size', 'histogram', 'Rows of one call of predict_batch.'),
  running: row('Running', 'Count', 'model_api_running', 'gauge', 'Requests in workers.'),
  queued: row('Queued', 'Count', 'model_api_queued', 'gauge', 'Requests waiting for a worker.'),
  readyWorkers: row('ReadyWorkers', 'Count', 'model_api_ready_workers', 'gauge', 'Workers that can take a request.'),
  workerRestarts: row(
    'WorkerRestarts',
    'Count',
    'model_api_worker_restarts_total',
    'counter',
    'Workers that were replaced, by reason.',
  ),
  loadTime: row(
    'LoadTime',
    'Seconds',
    'model_api_load_seconds',
    'gauge',
    'Time from the start of the last worker until it was ready, warm-up included.',
  ),
  gpuUtilization: ofGpu(
    'GpuUtilization',
    'Percent',
    'model_api_gpu_utilization_ratio',
    'Share of the time in which a GPU computed, by its number; in CloudWatch in percent, the mean over GPUs.',
  ),
  gpuMemoryUsed: ofGpu(
    'GpuMemoryUsed',
    'Bytes',
    'model_api_gpu_memory_used_bytes',
    'Memory of a GPU in use, by its number; in CloudWatch the sum over GPUs.',
  ),
} as const satisfies Record<string, MetricRow>;

export type MetricKey = keyof typeof METRICS;

/**
 * The table's second part: what has a label that CloudWatch would need a second dimension for, and every API pay for. In
 * CloudWatch the log says it instead: `key_usage`.
 */
export const UNEMITTED_METRICS = {
  keyRequests: {
    prometheus: 'model_api_api_key_requests_total',
    prometheusType: 'counter',
    help: 'Requests that an API key let in, by the id of the key.',
  },
} as const satisfies Record<string, PrometheusRow>;
