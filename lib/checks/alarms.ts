/** Nobody is told when callers get errors. What scales the service, or takes a deployment back, tells nobody. */
import { METRIC_DIMENSION } from '../../runtime/contract/metrics';
import type { Property } from './property';
import type { Resource } from './resources';
import { found, type Rule, type Verdict } from './rule';
import type { ServedService } from './served-service';

export const alarms: Rule = {
  name: 'NoAlarms',
  level: 'warning',
  why: 'A model that fails, is slow or refuses work is noticed by its callers first.',
  remedy: {
    ours: 'Use Monitoring.standard({ topic }), or alarms of your own on metrics of the API, such as api.metricServerErrors(). Acknowledge where another system watches it.',
    others:
      'Define alarms on the metrics of the service or of its target groups: 5xx answers, latency, healthy hosts. Acknowledge where another system watches it.',
  },
  judge,
};

function judge(served: ServedService): Verdict[] {
  const { service, resources } = served;
  const watching = resources.of('alarm').filter((alarm) => watches(alarm, served));
  if (watching.some((alarm) => !scales(alarm, served) && !takesBack(alarm, service))) return [];
  const others = watching.length > 0 ? ', but to scale it or to take its deployments back' : '';
  return [
    found(
      service,
      'ServiceName',
      `No alarm looks at the service, at its target groups or at the metrics of its API${others}`,
    ),
  ];
}

function watches(alarm: Resource, { service, targetGroups, overlay }: ServedService): boolean {
  const queries = alarm.at('Metrics').items.map((query) => query.at('MetricStat', 'Metric'));
  const dimensions = [alarm.at('Dimensions'), ...queries.map((metric) => metric.at('Dimensions'))];
  const paths = [service, ...targetGroups].map(({ path }) => path);
  return dimensions.some(
    (list) =>
      list.targets.some((target) => paths.includes(target)) ||
      isNamed(list.valueOf('ServiceName'), service.at('ServiceName').text) ||
      (overlay !== undefined && isOfApi(list.valueOf(METRIC_DIMENSION), overlay.name)),
  );
}

/** Of two names that only the deployment knows nobody can say that they differ; a reference is known. */
function isNamed(value: Property, name: string | undefined): boolean {
  if (name !== undefined) return value.text === name;
  return value.isOpen && value.targets.length === 0;
}

/** A name with a token is written in the alarm as in the overlay, but not word for word. */
function isOfApi(value: Property, name: string | undefined): boolean {
  return name === undefined ? value.isOpen : value.text === name;
}

function scales(alarm: Resource, { resources }: ServedService): boolean {
  const actions = alarm.at('AlarmActions').items;
  return actions.length > 0 && actions.every((action) => resources.named('scalingPolicy', action) !== undefined);
}

function takesBack(alarm: Resource, service: Resource): boolean {
  const names = service.at('DeploymentConfiguration', 'Alarms', 'AlarmNames');
  const name = alarm.at('AlarmName').text;
  return names.targets.includes(alarm.path) || names.items.some(({ text }) => text !== undefined && text === name);
}
