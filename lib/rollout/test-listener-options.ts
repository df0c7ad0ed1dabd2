/** Where a new version can be called before its callers are led to it. */
import type { IApplicationListener } from 'aws-cdk-lib/aws-elasticloadbalancingv2';

/** Where a new version can be called before it takes over. */
export interface TestListenerOptions {
  /**
   * The listener that gets a rule, under the path of the API. It must be one of the load balancer through which the API is
   * called: another port, or the same one under another `host`. Who may reach it is for you to say.
   */
  readonly listener: IApplicationListener;

  /**
   * The host name under which the new version is called.
   *
   * @default - any
   */
  readonly host?: string;

  /**
   * The rule's priority on the listener, 1 to 50000. Required on a listener that this app does not define.
   *
   * @default - from the construct's path
   */
  readonly priority?: number;
}
