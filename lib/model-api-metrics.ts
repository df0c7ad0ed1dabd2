/**
 * The metrics of an API as its replicas emit them: a method for each row of the contract's table. They are named by the
 * API's name alone, so that a metric used in another stack makes no reference to this one.
 */
import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { metricOf, metricRow } from './monitoring/api-metrics';

/** What replicas say of themselves, as metrics for your own alarms, widgets and scaling. */
export abstract class ModelApiMetrics extends Construct {
  /** The API's name: the dimension of its metrics. */
  public abstract readonly apiName: string;

  /**
   * A metric of this API.
   *
   * @param metricName its name, such as `QueueTime`
   * @param options statistic, period and so on; the average of a minute by default
   */
  public metric(metricName: string, options?: MetricOptions): Metric {
    return metricOf(this.apiName, metricName, options);
  }

  /**
   * Answered requests; their sum by default.
   *
   * @param options statistic, period and so on
   */
  public metricRequests(options?: MetricOptions): Metric {
    return metricRow(this.apiName, 'requests', options);
  }

  /**
   * Requests that were answered with a 4xx code; their sum by default.
   *
   * @param options statistic, period and so on
   */
  public metricClientErrors(options?: MetricOptions): Metric {
    return metricRow(this.apiName, 'clientErrors', options);
  }

  /**
   * Requests that were answered with a 5xx code, refused ones apart; their sum by default.
   *
   * @param options statistic, period and so on
   */
  public metricServerErrors(options?: MetricOptions): Metric {
    return metricRow(this.apiName, 'serverErrors', options);
  }

  /**
   * Requests that were refused because a queue was full; their sum by default.
   *
   * @param options statistic, period and so on
   */
  public metricShed(options?: MetricOptions): Metric {
    return metricRow(this.apiName, 'shed', options);
  }

  /**
   * Requests whose deadline passed; their sum by default.
   *
   * @param options statistic, period and so on
   */
  public metricTimeouts(options?: MetricOptions): Metric {
    return metricRow(this.apiName, 'timeouts', options);
  }

  /**
   * Requests whose callers gave up before the answer; their sum by default. No error share counts them, latency does.
   *
   * @param options statistic, period and so on
   */
  public metricDisconnects(options?: MetricOptions): Metric {
    return metricRow(this.apiName, 'disconnects', options);
  }

  /**
   * Milliseconds from the last byte of a request to the first of its answer; the average by default.
   *
   * @param options statistic, period and so on
   */
  public metricLatency(options?: MetricOptions): Metric {
    return metricRow(this.apiName, 'latency', options);
  }

  /**
   * Milliseconds that a request waited for a worker; the average by default.
   *
   * @param options statistic, period and so on
   */
  public metricQueueTime(options?: MetricOptions): Metric {
    return metricRow(this.apiName, 'queueTime', options);
  }

  /**
   * Milliseconds that a worker held a request; the average by default.
   *
   * @param options statistic, period and so on
   */
  public metricPredictTime(options?: MetricOptions): Metric {
    return metricRow(this.apiName, 'predictTime', options);
  }

  /**
   * Rows of one call of `predict_batch`; the average by default. There is none of handlers without it.
   *
   * @param options statistic, period and so on
   */
  public metricBatchSize(options?: MetricOptions): Metric {
    return metricRow(this.apiName, 'batchSize', options);
  }

  /**
   * Requests that are offered to a replica at a time: the signal that scaling follows; the average by default.
   *
   * @param options statistic, period and so on
   */
  public metricOfferedConcurrency(options?: MetricOptions): Metric {
    return metricRow(this.apiName, 'offeredConcurrency', options);
  }

  /**
   * Requests in the workers of a replica; the average by default.
   *
   * @param options statistic, period and so on
   */
  public metricRunning(options?: MetricOptions): Metric {
    return metricRow(this.apiName, 'running', options);
  }

  /**
   * Requests that wait for a worker of a replica; the average by default.
   *
   * @param options statistic, period and so on
   */
  public metricQueued(options?: MetricOptions): Metric {
    return metricRow(this.apiName, 'queued', options);
  }

  /**
   * Workers of a replica that can take a request; the average by default.
   *
   * @param options statistic, period and so on
   */
  public metricReadyWorkers(options?: MetricOptions): Metric {
    return metricRow(this.apiName, 'readyWorkers', options);
  }

  /**
   * Workers that were replaced; their sum by default.
   *
   * @param options statistic, period and so on
   */
  public metricWorkerRestarts(options?: MetricOptions): Metric {
    return metricRow(this.apiName, 'workerRestarts', options);
  }

  /**
   * Seconds that the last worker of a replica took to load; the average by default.
   *
   * @param options statistic, period and so on
   */
  public metricLoadTime(options?: MetricOptions): Metric {
    return metricRow(this.apiName, 'loadTime', options);
  }

  /**
   * Percent of the time in which the GPUs of a replica computed; the average by default. There is none of replicas without.
   *
   * @param options statistic, period and so on
   */
  public metricGpuUtilization(options?: MetricOptions): Metric {
    return metricRow(this.apiName, 'gpuUtilization', options);
  }

  /**
   * Bytes of memory in use on the GPUs of a replica; the average by default. There is none of replicas without.
   *
   * @param options statistic, period and so on
   */
  public metricGpuMemoryUsed(options?: MetricOptions): Metric {
    return metricRow(this.apiName, 'gpuMemoryUsed', options);
  }
}
