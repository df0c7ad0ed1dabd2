/** One page that answers, from top to bottom: is it used, is it well, is it fast, is it full, what does it run on. */
import { Dashboard, GraphWidget, type IMetric, PeriodOverride, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { metricRow, PERIOD } from './api-metrics';
import type { MonitoringSubject } from './monitoring-subject';

/** Half of a dashboard's 24 columns. */
const HALF = { width: 12, height: 6 } as const;

export function defineDashboard(scope: Construct, subject: MonitoringSubject): Dashboard {
  const dashboard = new Dashboard(scope, 'Dashboard', { periodOverride: PeriodOverride.AUTO });
  dashboard.addWidgets(requests(subject), errors(subject));
  dashboard.addWidgets(latency(subject), concurrency(subject));
  dashboard.addWidgets(queue(subject), replicas(subject));
  dashboard.addWidgets(machines(subject));
  return dashboard;
}

function requests({ apiName }: MonitoringSubject): GraphWidget {
  return new GraphWidget({ ...HALF, title: 'Requests a minute', left: [metricRow(apiName, 'requests')] });
}

function errors({ apiName }: MonitoringSubject): GraphWidget {
  const rows = (['serverErrors', 'timeouts', 'shed', 'clientErrors'] as const).map((key) => metricRow(apiName, key));
  return new GraphWidget({ ...HALF, title: 'Errors a minute', left: rows });
}

function latency({ apiName, timing }: MonitoringSubject): GraphWidget {
  return new GraphWidget({
    ...HALF,
    title: 'Latency (ms)',
    left: [50, 90, 99].map((share) => metricRow(apiName, 'latency', { statistic: Stats.p(share), label: `p${share}` })),
    leftAnnotations: [{ value: timing.requestTimeout * 1000, label: 'request timeout' }],
  });
}

function concurrency({ apiName, replicaConcurrency }: MonitoringSubject): GraphWidget {
  return new GraphWidget({
    ...HALF,
    title: 'Concurrency of a replica',
    left: [metricRow(apiName, 'offeredConcurrency', { label: 'offered' }), metricRow(apiName, 'running')],
    leftAnnotations: [{ value: replicaConcurrency, label: 'capacity' }],
  });
}

function queue({ apiName }: MonitoringSubject): GraphWidget {
  return new GraphWidget({
    ...HALF,
    title: 'Queue of a replica',
    left: [metricRow(apiName, 'queued')],
    right: [metricRow(apiName, 'queueTime', { statistic: Stats.p(99), label: 'waiting, p99 (ms)' })],
  });
}

function replicas({ targetGroup, apiName }: MonitoringSubject): GraphWidget {
  const options = { statistic: Stats.AVERAGE, period: PERIOD };
  return new GraphWidget({
    ...HALF,
    title: 'Replicas',
    left: [targetGroup.metrics.healthyHostCount(options), targetGroup.metrics.unhealthyHostCount(options)],
    right: [metricRow(apiName, 'workerRestarts')],
  });
}

function machines({ service }: MonitoringSubject): GraphWidget {
  const left: IMetric[] = [
    service.metricCpuUtilization({ period: PERIOD, label: 'CPU' }),
    service.metricMemoryUtilization({ period: PERIOD, label: 'memory' }),
  ];
  return new GraphWidget({ ...HALF, width: 24, title: 'CPU and memory (%)', left, leftYAxis: { min: 0, max: 100 } });
}
