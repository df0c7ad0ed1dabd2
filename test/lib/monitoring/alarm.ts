/** The words in which tests speak of one alarm. */
import { type ModelApiProps, Monitoring, type StandardMonitoringOptions } from '../../../lib';
import { declared } from '../declaration';

export const ALARM = 'AWS::CloudWatch::Alarm';
export const COMPOSITE = 'AWS::CloudWatch::CompositeAlarm';

/** An alarm by the id of its construct. */
// biome-ignore lint/suspicious/noExplicitAny: properties are as their type has them.
export function alarm(id: string, options: StandardMonitoringOptions = {}, props: Partial<ModelApiProps> = {}): any {
  const template = declared({ monitoring: Monitoring.standard(options), ...props });
  const all = { ...template.findResources(ALARM), ...template.findResources(COMPOSITE) };
  return Object.entries(all).find(([logicalId]) => new RegExp(`^Api${id}[0-9A-F]{8}$`).test(logicalId))?.[1];
}

export interface MathPart {
  readonly Id: string;
  readonly Expression?: string;
  readonly MetricStat?: { readonly Metric: { readonly MetricName: string }; readonly Stat: string };
}

/** The expression of an alarm on metric math. */
export function expressionOf({ Properties }: { Properties: { Metrics: MathPart[] } }): string | undefined {
  return Properties.Metrics.find(({ Expression }) => Expression)?.Expression;
}
