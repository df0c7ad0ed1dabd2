/**
 * How an API is watched: by alarms, a dashboard and saved log queries, or not at all. It speaks of one API; the page for
 * all APIs of a platform is `platform/overview.ts`.
 */
import {
  type AlarmBase,
  AlarmRule,
  type CompositeAlarm,
  type Dashboard,
  type IWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { IAlarmActionStrategy } from './monitoring/alarm-actions';
import type { AlarmOptions } from './monitoring/alarm-options';
import { CRITICAL, describe, type Naming, type SevereAlarm } from './monitoring/alarm-plan';
import { defineAlarms } from './monitoring/alarms';
import { defineComposite } from './monitoring/composite';
import { defineDashboard } from './monitoring/dashboard';
import { defineQueries } from './monitoring/queries';
import type { MonitoringSubject } from './monitoring/subject';
import { Check } from './private/check';

const COMPOSITE = 'CompositeAlarm';

/** What a standard monitoring watches, and who is told. */
export interface StandardMonitoringOptions extends AlarmOptions {
  /**
   * The topic that gets a message when an alarm rings and another when it is over.
   *
   * @default - alarms change their state and tell nobody
   */
  readonly topic?: ITopic;

  /**
   * What else is done when an alarm rings, by its severity: a page, a ticket.
   *
   * @default - nothing
   */
  readonly actions?: IAlarmActionStrategy;

  /**
   * Whether there is a dashboard.
   *
   * @default true
   */
  readonly dashboard?: boolean;

  /**
   * Widgets of your own, at the end of the dashboard, side by side as far as 24 columns go.
   *
   * @default - none
   */
  readonly widgets?: IWidget[];
}

/**
 * What a monitoring defined.
 *
 * @internal
 */
export interface MonitoringBinding {
  readonly alarms: AlarmBase[];
  readonly compositeAlarm?: CompositeAlarm;
  readonly dashboard?: Dashboard;
}

/** How an API is watched. */
export abstract class Monitoring {
  /**
   * Alarms by severity, each with a way out in the runbook; an alarm that rings while any critical one does; a dashboard;
   * log queries for errors, slow requests, a handler's output, workers and API keys.
   *
   * @param options what is promised, from when alarms ring, who is told
   */
  public static standard(options: StandardMonitoringOptions = {}): Monitoring {
    return new StandardMonitoring(options);
  }

  /** Neither dashboard nor alarms nor queries. The API's metrics and logs are there all the same. */
  public static none(): Monitoring {
    return new NoMonitoring();
  }

  /** @internal */
  public abstract _bind(scope: Construct, subject: MonitoringSubject): MonitoringBinding;
}

class StandardMonitoring extends Monitoring {
  constructor(private readonly options: StandardMonitoringOptions) {
    super();
  }

  public _bind(scope: Construct, subject: MonitoringSubject): MonitoringBinding {
    const { runbookUrl, dashboard = true, widgets = [] } = this.options;
    checkWidgets(scope, this.options);
    const found = defineAlarms(scope, subject, this.options);
    this.tell(subject.apiName, found);
    const alarms = found.map(({ alarm }) => alarm);
    const compositeAlarm = defineCriticalAlarm(scope, { apiName: subject.apiName, runbookUrl }, found);
    defineQueries(scope, subject);
    const shown = compositeAlarm ? [compositeAlarm, ...alarms] : alarms;
    return {
      alarms,
      compositeAlarm,
      dashboard: dashboard
        ? defineDashboard(scope, subject, { alarms: shown, watched: this.options, widgets })
        : undefined,
    };
  }

  private tell(apiName: string, alarms: SevereAlarm[]): void {
    const { topic, actions } = this.options;
    for (const { alarm, alarmType, severity } of alarms.filter(({ tells }) => tells)) {
      if (topic) alarm.addAlarmAction(new SnsAction(topic));
      if (topic) alarm.addOkAction(new SnsAction(topic));
      actions?.addAlarmActions({ alarm, alarmType, severity, apiName });
    }
  }
}

class NoMonitoring extends Monitoring {
  public _bind(): MonitoringBinding {
    return { alarms: [] };
  }
}

/** It tells nobody by itself: whoever hears its parts would hear everything twice. */
function defineCriticalAlarm(scope: Construct, naming: Naming, alarms: SevereAlarm[]): CompositeAlarm | undefined {
  const critical = alarms.filter(({ severity }) => severity === CRITICAL).map(({ alarm }) => alarm);
  if (critical.length === 0) return undefined;
  return defineComposite(scope, COMPOSITE, {
    alarmRule: AlarmRule.anyOf(...critical),
    alarmDescription: describe(naming, COMPOSITE, CRITICAL, `at least 1 of ${critical.length} critical alarms rings`),
  });
}

function checkWidgets(scope: Construct, { dashboard, widgets = [] }: StandardMonitoringOptions): void {
  const check = new Check(scope);
  check.that(
    dashboard !== false || widgets.length === 0,
    'widgets have no place to be: dashboard is false. Leave out one of the two',
  );
  check.done();
}
