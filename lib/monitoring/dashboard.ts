/**
 * One page that answers, from top to bottom: does anything ring, is it used, is it well, is it fast, is it full, what
 * does it run on, what does it say. Every row of the table of metrics is on it, those of GPUs where replicas have some.
 */
import {
  AlarmStatusWidget,
  Color,
  Dashboard,
  GraphWidget,
  type GraphWidgetProps,
  type IAlarm,
  type IWidget,
  LogQueryWidget,
  Metric,
  PeriodOverride,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import { QueryString } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { AlarmOptions } from './alarm-options';
import { metricRow, PERIOD, sparsePerMinute } from './api-metrics';
import {
  axis,
  concurrency,
  errors,
  gpus,
  latency,
  loadTime,
  predictTime,
  queue,
  requests,
  restarts,
} from './api-widgets';
import { fastestBurnRate } from './burn-rate';
import { ERRORS } from './queries';
import type { MonitoringSubject } from './subject';
import { failedConnectionsPerMinute, otherReplicas, readyReplicas } from './target-metrics';

/** Of a dashboard's 24 columns. */
const THIRD = { width: 8, height: 6 } as const;
const WHOLE = { width: 24 } as const;

export interface DashboardParts {
  readonly alarms: IAlarm[];
  /** What is promised, and over which windows it is watched. */
  readonly watched: AlarmOptions;
  /** The user's own, at the end. */
  readonly widgets: IWidget[];
}

export function defineDashboard(scope: Construct, subject: MonitoringSubject, parts: DashboardParts): Dashboard {
  const { alarms, watched, widgets } = parts;
  const { slo } = watched;
  // A burn rate is of its window: stretched with the page's range it would be another number than the alarm's.
  const dashboard = new Dashboard(scope, 'Dashboard', { periodOverride: PeriodOverride.INHERIT });
  if (alarms.length > 0) dashboard.addWidgets(states(alarms));
  dashboard.addWidgets(
    requests(subject, { ...THIRD, title: 'Requests a minute' }),
    errors(subject, { ...THIRD, title: 'Errors a minute, by class' }),
    latency(subject, [50, 90, 99], { ...THIRD, title: 'Latency (ms)' }, slo),
  );
  dashboard.addWidgets(
    concurrency(subject, { ...THIRD, title: 'Concurrency of a replica (requests)' }),
    queue(subject, { ...THIRD, title: 'Queue of a replica (requests, ms)' }),
    predictTime(subject, { ...THIRD, title: 'Time in a worker (ms, rows)' }),
  );
  dashboard.addWidgets(
    replicas(subject),
    restarts(subject, { ...THIRD, title: 'Worker restarts a minute' }),
    loadTime(subject, { ...THIRD, title: 'Load time of the slowest replica (s)' }),
  );
  const hasGpus = subject.gpus > 0;
  const below = sideBySide(2 + Number(hasGpus) + Number(slo !== undefined));
  dashboard.addWidgets(
    machines(subject, below),
    ...(hasGpus ? [gpus(subject, { ...below, title: 'GPUs of a replica (%, GiB)' })] : []),
    unanswered(subject, below),
    ...budget(subject, below, watched),
  );
  dashboard.addWidgets(recentErrors(subject));
  if (widgets.length > 0) dashboard.addWidgets(...widgets);
  return dashboard;
}

/** Six alarms to a line. */
function states(alarms: IAlarm[]): AlarmStatusWidget {
  return new AlarmStatusWidget({ ...WHOLE, height: 1 + Math.ceil(alarms.length / 6), title: 'Alarms', alarms });
}

function replicas({ targetGroups, apiName }: MonitoringSubject): GraphWidget {
  const options = { statistic: Stats.AVERAGE, period: PERIOD };
  return new GraphWidget({
    ...THIRD,
    title: 'Replicas, and ready workers of one',
    left: [
      readyReplicas(targetGroups, { ...options, label: 'ready replicas' }),
      otherReplicas(targetGroups, { ...options, label: 'other replicas', color: Color.RED }),
    ],
    leftYAxis: axis('replicas'),
    right: [metricRow(apiName, 'readyWorkers', { label: 'ready workers' })],
    rightYAxis: axis('workers of a replica'),
  });
}

type Size = Pick<GraphWidgetProps, 'width' | 'height'>;

function sideBySide(count: number): Size {
  return { width: WHOLE.width / count, height: THIRD.height };
}

function machines({ service }: MonitoringSubject, size: Size): GraphWidget {
  return new GraphWidget({
    ...size,
    title: 'CPU and memory (%)',
    left: [
      service.metricCpuUtilization({ period: PERIOD, label: 'CPU' }),
      service.metricMemoryUtilization({ period: PERIOD, label: 'memory' }),
    ],
    leftYAxis: axis('% of what is reserved', 100),
  });
}

/** What the load balancer answered because no replica did. AWS counts its answers for all APIs behind it together. */
function unanswered({ targetGroups }: MonitoringSubject, size: Size): GraphWidget {
  const answers = new Metric({
    namespace: 'AWS/ApplicationELB',
    metricName: 'HTTPCode_ELB_5XX_Count',
    dimensionsMap: { LoadBalancer: targetGroups[0]?.firstLoadBalancerFullName },
    statistic: Stats.SUM,
    period: PERIOD,
  });
  return new GraphWidget({
    ...size,
    title: 'Answered by the load balancer itself, a minute',
    left: [
      failedConnectionsPerMinute(targetGroups, 'failed connections to replicas', Color.RED),
      sparsePerMinute('answers', answers, '5xx by itself, of all APIs behind it', Color.ORANGE),
    ],
    leftYAxis: axis('a minute'),
  });
}

function budget({ apiName }: MonitoringSubject, size: Size, watched: AlarmOptions): GraphWidget[] {
  const { slo } = watched;
  if (slo === undefined) return [];
  const rate = fastestBurnRate(apiName, slo, watched);
  return [
    new GraphWidget({
      ...size,
      title: `Burn rate of the error budget over ${rate.period.toHumanString()} (1 lasts a month)`,
      left: [rate],
      leftYAxis: axis('times'),
      leftAnnotations: [{ value: 1, label: 'as fast as the objective allows', color: Color.GREY }],
    }),
  ];
}

function recentErrors({ logGroup }: MonitoringSubject): LogQueryWidget {
  return new LogQueryWidget({
    ...WHOLE,
    height: 8,
    title: 'Recent errors',
    logGroupNames: [logGroup.logGroupName],
    queryString: new QueryString(ERRORS).toString(),
  });
}
