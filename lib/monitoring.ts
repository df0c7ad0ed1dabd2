/** How an API is watched: by a dashboard and alarms, or not at all. */
import type { AlarmBase, CompositeAlarm, Dashboard, IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { defineAlarms } from './service/alarms';
import { defineDashboard } from './service/dashboard';
import type { MonitoringSubject } from './service/monitoring-subject';

/** What a standard monitoring does. */
export interface StandardMonitoringOptions {
  /**
   * What happens when an alarm goes off, such as a message to a topic.
   *
   * @default - alarms change their state and tell nobody
   */
  readonly alarmActions?: IAlarmAction[];
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
   * A dashboard, and alarms for server errors, latency near the request timeout, refused requests and missing replicas.
   *
   * @param options who is told
   */
  public static standard(options: StandardMonitoringOptions = {}): Monitoring {
    return new StandardMonitoring(options);
  }

  /** Neither dashboard nor alarms. The API's metrics are there all the same. */
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
    return {
      alarms: defineAlarms(scope, subject, this.options.alarmActions ?? []),
      dashboard: defineDashboard(scope, subject),
    };
  }
}

class NoMonitoring extends Monitoring {
  public _bind(): MonitoringBinding {
    return { alarms: [] };
  }
}
