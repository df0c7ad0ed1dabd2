/** One page for everything that runs on a platform: a row for each API. */
import { Dashboard, PeriodOverride } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { MonitoringSubject } from '../service/monitoring-subject';

export class Overview extends Construct {
  public readonly dashboard: Dashboard;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.dashboard = new Dashboard(this, 'Dashboard', { periodOverride: PeriodOverride.AUTO });
  }

  /** Adds the row of an API. Names no resource of its stack, which depends on this one. */
  public add(_subject: MonitoringSubject): void {}
}
