/**
 * One page that answers, from top to bottom: does anything ring, is it used, is it well, is it fast, is it full, what
 * does it run on, what does it say. Every row of the table of metrics is on it.
 */
import { Duration } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Color,
  Dashboard,
  GraphWidget,
  type IAlarm,
  type IWidget,
  LogQueryWidget,
  PeriodOverride,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import { QueryString } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { metricRow, PERIOD } from './api-metrics';
import { axis, coldStarts, concurrency, errors, latency, predictTime, queue, requests, restarts } from './api-widgets';
import { burnRate } from './burn-rate';
import { ERRORS } from './queries';
import type { ServiceLevelObjective } from './service-level-objective';
import type { MonitoringSubject } from './subject';

/** Of a dashboard's 24 columns. */
const THIRD = { width: 8, height: 6 } as const;
const HALF = { width: 12, height: 6 } as const;
const WHOLE = { width: 24 } as const;

export interface DashboardParts {
  readonly alarms: IAlarm[];
  readonly slo?: ServiceLevelObjective;
  /** The user's own, at the end. */
  readonly widgets: IWidget[];
}

export function defineDashboard(scope: Construct, subject: MonitoringSubject, parts: DashboardParts): Dashboard {
  const { alarms, slo, widgets } = parts;
  const dashboard = new Dashboard(scope, 'Dashboard', { periodOverride: PeriodOverride.AUTO });
  if (alarms.length > 0) dashboard.addWidgets(states(alarms));
  dashboard.addWidgets(
    requests(subject, { ...THIRD, title: 'Requests a minute' }),
    errors(subject, { ...THIRD, title: 'Errors a minute, by class' }),
    latency(subject, [50, 90, 99], { ...THIRD, title: 'Latency (ms)' }, slo),
  );
  dashboard.addWidgets(
    concurrency(subject, { ...THIRD, title: 'Concurrency of a replica (requests)' }),
    queue(subject, { ...THIRD, title: 'Queue of a replica (requests, ms)' }),
    predictTime(subject, { ...THIRD, title: 'Time in a worker (ms)' }),
  );
  dashboard.addWidgets(
    replicas(subject),
    restarts(subject, { ...THIRD, title: 'Worker restarts a minute' }),
    coldStarts(subject, { ...THIRD, title: 'Cold starts (s)' }),
  );
  dashboard.addWidgets(
    ...(slo ? [machines(subject, HALF.width), budget(subject, slo)] : [machines(subject, WHOLE.width)]),
  );
  dashboard.addWidgets(recentErrors(subject));
  if (widgets.length > 0) dashboard.addWidgets(...widgets);
  return dashboard;
}

/** Six alarms to a line. */
function states(alarms: IAlarm[]): AlarmStatusWidget {
  return new AlarmStatusWidget({ ...WHOLE, height: 1 + Math.ceil(alarms.length / 6), title: 'Alarms', alarms });
}

function replicas({ targetGroup, apiName }: MonitoringSubject): GraphWidget {
  const options = { statistic: Stats.AVERAGE, period: PERIOD };
  const { metrics } = targetGroup;
  return new GraphWidget({
    ...THIRD,
    title: 'Replicas, and ready workers of one',
    left: [
      metrics.healthyHostCount({ ...options, label: 'ready replicas' }),
      metrics.unhealthyHostCount({ ...options, label: 'other replicas', color: Color.RED }),
    ],
    leftYAxis: axis('replicas'),
    right: [metricRow(apiName, 'readyWorkers', { label: 'ready workers' })],
    rightYAxis: axis('workers of a replica'),
  });
}

function machines({ service }: MonitoringSubject, width: number): GraphWidget {
  return new GraphWidget({
    ...HALF,
    width,
    title: 'CPU and memory (%)',
    left: [
      service.metricCpuUtilization({ period: PERIOD, label: 'CPU' }),
      service.metricMemoryUtilization({ period: PERIOD, label: 'memory' }),
    ],
    leftYAxis: axis('% of what is reserved', 100),
  });
}

function budget({ apiName }: MonitoringSubject, slo: ServiceLevelObjective): GraphWidget {
  return new GraphWidget({
    ...HALF,
    title: 'Burn rate of the error budget (1 lasts a month)',
    left: [burnRate(apiName, slo, Duration.hours(1), 'burn rate')],
    leftYAxis: axis('times'),
    leftAnnotations: [{ value: 1, label: 'as fast as the objective allows', color: Color.GREY }],
  });
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
