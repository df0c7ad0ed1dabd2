/**
 * Where the load balancer finds an API: a target group that takes ready replicas only and lets leaving ones finish, and
 * the listener rule that leads to it.
 */
import { Duration } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import {
  ApplicationListenerRule,
  ApplicationProtocol,
  ApplicationTargetGroup,
  type IApplicationListener,
  ListenerCondition,
  Protocol,
  TargetGroupLoadBalancingAlgorithmType,
  TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { MANAGEMENT_PORT, SERVING_DEFAULTS } from '../../runtime/contract/manifest';
import { TARGET_HEALTH_CHECK, type Timing } from '../../runtime/contract/timing';
import { Check } from '../private/check';
import { claim } from '../private/claims';
import { basePathOf, checkServing } from '../private/overlay-of';
import { MAX_PRIORITY, priorityOf } from '../private/priority';
import { timingOf } from '../private/timing-of';

/** Which requests lead to an API. */
export interface ServingTargetProps {
  /** The VPC in which the replicas run. */
  readonly vpc: IVpc;

  /** The listener that gets the rule. */
  readonly listener: IApplicationListener;

  /**
   * The path under which the API answers.
   *
   * @default '/'
   */
  readonly path?: string;

  /**
   * The host name under which the API is called.
   *
   * @default - any
   */
  readonly host?: string;

  /**
   * The rule's priority on the listener, 1 to 50000.
   *
   * @default - from the construct's path, such that longer paths come before shorter ones
   */
  readonly priority?: number;

  /**
   * Longest time from a request's arrival to its answer.
   *
   * @default Duration.seconds(55)
   */
  readonly requestTimeout?: Duration;
}

/** The target group and listener rule of an API. */
export class ServingTarget extends Construct {
  /** The group of the API's replicas. */
  public readonly targetGroup: ApplicationTargetGroup;
  /** The rule that leads to it. */
  public readonly rule: ApplicationListenerRule;

  constructor(scope: Construct, id: string, props: ServingTargetProps) {
    super(scope, id);
    checkServing(this, { path: props.path, requestTimeout: props.requestTimeout });
    this.targetGroup = this.defineGroup(props.vpc, timingOf(props));
    this.rule = this.defineRule(props);
  }

  private defineGroup(vpc: IVpc, timing: Timing): ApplicationTargetGroup {
    return new ApplicationTargetGroup(this, 'Group', {
      vpc,
      targetType: TargetType.IP,
      port: SERVING_DEFAULTS.port,
      protocol: ApplicationProtocol.HTTP,
      loadBalancingAlgorithmType: TargetGroupLoadBalancingAlgorithmType.LEAST_OUTSTANDING_REQUESTS,
      deregistrationDelay: Duration.seconds(timing.deregistrationDelay),
      healthCheck: {
        path: '/readyz',
        port: String(MANAGEMENT_PORT),
        protocol: Protocol.HTTP,
        healthyHttpCodes: '200',
        interval: Duration.seconds(TARGET_HEALTH_CHECK.interval),
        timeout: Duration.seconds(TARGET_HEALTH_CHECK.timeout),
        healthyThresholdCount: TARGET_HEALTH_CHECK.healthyThreshold,
        unhealthyThresholdCount: TARGET_HEALTH_CHECK.unhealthyThreshold,
      },
    });
  }

  private defineRule({
    listener,
    path,
    priority = priorityOf(this, path),
  }: ServingTargetProps): ApplicationListenerRule {
    const basePath = basePathOf(path);
    checkRule(this, listener, priority, basePath || '/');
    return new ApplicationListenerRule(this, 'Rule', {
      listener,
      priority,
      conditions: [ListenerCondition.pathPatterns(basePath === '' ? ['/*'] : [basePath, `${basePath}/*`])],
      targetGroups: [this.targetGroup],
    });
  }
}

function checkRule(scope: Construct, listener: IApplicationListener, priority: number, path: string): void {
  const check = new Check(scope);
  check.integer('priority', priority, 1, MAX_PRIORITY);
  const sameTurn = claim(listener, `priority ${priority}`, scope);
  check.that(
    sameTurn === undefined,
    `priority ${priority} on the listener ${listener.node.path} is taken by ${sameTurn}: give one of the two another priority`,
  );
  const samePath = claim(listener, `path ${path}`, scope);
  check.that(
    samePath === undefined,
    `path '${path}' on the listener ${listener.node.path} is taken by ${samePath}, and only one of the two would ever be called: give one of the two another path`,
  );
  check.done();
}
