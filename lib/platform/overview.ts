/**
 * One page for everything that runs on a platform: a row for each API. It names metrics by the APIs' names alone, never
 * a resource of their stacks: these depend on the platform's stack, and it must not depend on them.
 */
import { Annotations, Stack, Token } from 'aws-cdk-lib';
import { Dashboard, PeriodOverride } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { concurrency, latency, replicasAndQueue, requestsAndErrors } from '../monitoring/api-widgets';
import type { MonitoringSubject } from '../monitoring/subject';

const QUARTER = { width: 6, height: 5 } as const;

/** CloudWatch allows 500 widgets on a dashboard, and a row has four. */
const MOST_APIS = 125;

export class Overview extends Construct {
  public readonly dashboard: Dashboard;
  private rows = 0;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.dashboard = new Dashboard(this, 'Dashboard', { periodOverride: PeriodOverride.AUTO });
  }

  /** Adds the row of an API. */
  public add(subject: MonitoringSubject): void {
    if (!this.canShow(subject)) return;
    this.rows += 1;
    const frame = (what: string) => ({ ...QUARTER, title: `${subject.apiName}: ${what}` });
    this.dashboard.addWidgets(
      requestsAndErrors(subject, frame('requests and errors a minute')),
      latency(subject, [99], frame('latency (ms)')),
      concurrency(subject, frame('concurrency of a replica')),
      replicasAndQueue(subject, frame('replicas and queue')),
    );
  }

  private canShow({ apiName, service }: MonitoringSubject): boolean {
    if (Token.isUnresolved(apiName) && Stack.of(service) !== Stack.of(this)) {
      this.warn(
        'overviewNeedsName',
        `${service.node.path} is not on the dashboard of ${this.dashboard.node.path}: its apiName is known at deployment only, and the platform's stack cannot wait for it. Give apiName as a plain string`,
      );
      return false;
    }
    if (this.rows < MOST_APIS) return true;
    this.warn(
      'overviewIsFull',
      `${this.dashboard.node.path} shows the first ${MOST_APIS} APIs: CloudWatch allows no more widgets on a dashboard. Use a second platform, or a dashboard of your own`,
    );
    return false;
  }

  private warn(id: string, message: string): void {
    Annotations.of(this).addWarningV2(`cdk-model-api:${id}`, message);
  }
}
