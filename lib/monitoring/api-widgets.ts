/**
 * The graphs of an API, each a question. They know the API by its name alone, as far as its replicas tell; what the load
 * balancer and Amazon ECS know of it is in `dashboard.ts`. Counts are rates, since a dashboard stretches its periods.
 */
import {
  Color,
  GraphWidget,
  type GraphWidgetProps,
  type HorizontalAnnotation,
  Stats,
  type YAxisProps,
} from 'aws-cdk-lib/aws-cloudwatch';
import { inGibibytes, metricRow, perMinute, reportingReplicas } from './api-metrics';
import type { ServiceLevelObjective } from './service-level-objective';
import type { MonitoringSubject } from './subject';

/** What a replica's own metrics tell about. */
export type Named = Pick<MonitoringSubject, 'apiName' | 'replicaConcurrency' | 'timing'>;

type Frame = Pick<GraphWidgetProps, 'width' | 'height' | 'title'>;

/** From zero, or a small wobble looks like a landslide. */
export function axis(label: string, max?: number): YAxisProps {
  return { label, min: 0, max, showUnits: false };
}

const AMOUNT = { leftYAxis: axis('a minute') } as const;

export function requests({ apiName }: Named, frame: Frame): GraphWidget {
  return new GraphWidget({ ...frame, ...AMOUNT, left: [perMinute(apiName, 'requests', 'requests')] });
}

/** By whose fault: the server's, the clock's, the queue's, the caller's. */
export function errors({ apiName }: Named, frame: Frame): GraphWidget {
  return new GraphWidget({ ...frame, ...AMOUNT, left: errorClasses(apiName) });
}

export function requestsAndErrors({ apiName }: Named, frame: Frame): GraphWidget {
  const left = [perMinute(apiName, 'requests', 'requests', Color.BLUE), ...errorClasses(apiName)];
  return new GraphWidget({ ...frame, ...AMOUNT, left });
}

function errorClasses(apiName: string) {
  return [
    perMinute(apiName, 'serverErrors', 'server errors (5xx)', Color.RED),
    perMinute(apiName, 'timeouts', 'of these, timeouts (504)', Color.PURPLE),
    perMinute(apiName, 'shed', 'refused (503)', Color.ORANGE),
    perMinute(apiName, 'clientErrors', 'client errors (4xx)', Color.GREY),
    perMinute(apiName, 'disconnects', 'callers gave up (499)', Color.BROWN),
  ];
}

/** The request timeout is named, not drawn: a line so far above the curves would flatten them. */
export function latency(
  { apiName, timing }: Named,
  shares: number[],
  frame: Frame,
  slo?: ServiceLevelObjective,
): GraphWidget {
  return new GraphWidget({
    ...frame,
    left: shares.map((share) => metricRow(apiName, 'latency', { statistic: Stats.p(share), label: `p${share}` })),
    leftYAxis: axis(`ms (cut off at ${timing.requestTimeout * 1000})`),
    leftAnnotations: promised(slo),
  });
}

function promised(slo?: ServiceLevelObjective): HorizontalAnnotation[] {
  if (slo?.latency === undefined) return [];
  return [{ value: slo.latency.toMilliseconds(), label: 'objective for p99', color: Color.RED }];
}

export function concurrency({ apiName, replicaConcurrency }: Named, frame: Frame): GraphWidget {
  return new GraphWidget({
    ...frame,
    left: [
      metricRow(apiName, 'offeredConcurrency', { label: 'offered' }),
      metricRow(apiName, 'running', { label: 'running' }),
    ],
    leftYAxis: axis('requests of a replica'),
    leftAnnotations: [{ value: replicaConcurrency, label: 'capacity', color: Color.RED }],
  });
}

export function queue({ apiName }: Named, frame: Frame): GraphWidget {
  return new GraphWidget({
    ...frame,
    left: [metricRow(apiName, 'queued', { label: 'waiting' })],
    leftYAxis: axis('requests of a replica'),
    right: [metricRow(apiName, 'queueTime', { statistic: Stats.p(99), label: 'time in the queue, p99' })],
    rightYAxis: axis('ms'),
  });
}

/** The larger the batches, the longer one takes: both in one picture, where there are batches. */
export function predictTime({ apiName }: Named, frame: Frame): GraphWidget {
  const left = [50, 99].map((share) =>
    metricRow(apiName, 'predictTime', { statistic: Stats.p(share), label: `p${share}` }),
  );
  return new GraphWidget({
    ...frame,
    left,
    leftYAxis: axis('ms'),
    right: [metricRow(apiName, 'batchSize', { label: 'rows of a batch' })],
    rightYAxis: axis('rows'),
  });
}

export function replicasAndQueue({ apiName }: Named, frame: Frame): GraphWidget {
  return new GraphWidget({
    ...frame,
    left: [reportingReplicas(apiName, 'replicas')],
    leftYAxis: axis('replicas'),
    right: [metricRow(apiName, 'queued', { label: 'waiting' })],
    rightYAxis: axis('requests of a replica'),
  });
}

export function restarts({ apiName }: Named, frame: Frame): GraphWidget {
  return new GraphWidget({ ...frame, ...AMOUNT, left: [perMinute(apiName, 'workerRestarts', 'restarts', Color.RED)] });
}

/** A gauge, not an event: how long the next load will take, not when one was. */
export function loadTime({ apiName }: Named, frame: Frame): GraphWidget {
  const options = { statistic: Stats.MAXIMUM, label: 'last load of the slowest replica' };
  return new GraphWidget({ ...frame, left: [metricRow(apiName, 'loadTime', options)], leftYAxis: axis('s') });
}

/** How busy they are says whether more would help; how full the fullest is, whether a larger batch or model fits. */
export function gpus({ apiName }: Named, frame: Frame): GraphWidget {
  const memory = metricRow(apiName, 'gpuMemoryUsed', { statistic: Stats.MAXIMUM });
  return new GraphWidget({
    ...frame,
    left: [metricRow(apiName, 'gpuUtilization', { label: 'busy' })],
    leftYAxis: axis('% of the time', 100),
    right: [inGibibytes('memory', memory, 'memory in use, fullest replica')],
    rightYAxis: axis('GiB of a replica'),
  });
}
