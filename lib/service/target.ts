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
  ListenerAction,
  ListenerCondition,
  Protocol,
  TargetGroupLoadBalancingAlgorithmType,
  TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { MANAGEMENT_PORT, SERVING_DEFAULTS } from '../../runtime/contract/manifest';
import { TARGET_HEALTH_CHECK, type Timing } from '../../runtime/contract/timing';
import type { IListenerAuthentication } from '../auth';
import { protocolOf } from '../platform/listener';
import { Check, isKnown } from '../private/check';
import { HOST_FORM, isHost } from '../private/hosts';
import { basePathOf, checkServing } from '../private/overlay-of';
import { MAX_PRIORITY, priorityOf } from '../private/priority';
import { checkGiven } from '../private/required';
import { claimRule, preflightPriority } from '../private/rules';
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
   * The host name under which the API is called. `*` stands for any characters, `?` for one.
   *
   * @default - any
   */
  readonly host?: string;

  /**
   * The rule's priority on the listener, 1 to 50000. Where two rules match the same requests, both need one, and the
   * narrower the lower.
   *
   * @default - from the construct's path
   */
  readonly priority?: number;

  /**
   * What the load balancer does with a request before it forwards it.
   *
   * @default - nothing
   */
  readonly authentication?: IListenerAuthentication;

  /**
   * Whether what a browser asks before a call (OPTIONS, without a token) is forwarded before `authentication`, by a rule
   * of its own. Its priority is the one below `priority`.
   *
   * @default false
   */
  readonly forwardPreflight?: boolean;

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
    this.checkParts(props);
    checkServing(this, { path: props.path, requestTimeout: props.requestTimeout });
    this.targetGroup = this.defineGroup(props.vpc, timingOf(props));
    this.rule = this.defineRule(props);
  }

  private checkParts({ vpc, listener, authentication }: ServingTargetProps): void {
    const check = new Check(this);
    checkGiven(check, 'vpc', vpc, 'vpcId', 'the VPC in which the replicas run');
    checkGiven(check, 'listener', listener, 'listenerArn', 'the listener that gets the rule');
    if (authentication !== undefined) {
      const such =
        'an object with authenticate(), such as { authenticate: (next) => ListenerAction.authenticateOidc({ …, next }) }';
      checkGiven(check, 'authentication', authentication, 'authenticate', such);
    }
    check.done();
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

  private defineRule(props: ServingTargetProps): ApplicationListenerRule {
    const { listener, host, priority = priorityOf(this) } = props;
    const path = basePathOf(props.path);
    const check = new Check(this);
    check.integer('priority', priority, 1, MAX_PRIORITY);
    const chosen = props.priority !== undefined;
    const hasPreflight = props.forwardPreflight && props.authentication !== undefined;
    check.that(
      !hasPreflight || (isKnown(priority) && priority > 1),
      `priority must be known at synth and above 1, because the number before it is that of the rule for preflights: give an integer from 2 to ${MAX_PRIORITY}`,
    );
    check.that(
      chosen || listener.node.defaultChild !== undefined,
      `priority is required on the imported listener ${listener.node.path}, whose other rules synth cannot see: give an integer from 1 to ${MAX_PRIORITY} that none of them has`,
    );
    check.that(
      host === undefined || (isKnown(host) && isHost(host)),
      `host must be ${HOST_FORM} (got ${JSON.stringify(host)})`,
    );
    claimRule(check, listener, { by: this.node.path, path, host, priority, chosen, hasPreflight });
    check.done();
    if (hasPreflight) this.definePreflightRule(listener, preflightPriority(priority), conditionsOf(path, host));
    return new ApplicationListenerRule(this, 'Rule', {
      listener,
      priority,
      conditions: conditionsOf(path, host),
      action: this.defineAction(props),
    });
  }

  /** A browser sends no token before it knows that it may. The gateway answers this itself, and no handler runs. */
  private definePreflightRule(listener: IApplicationListener, priority: number, conditions: ListenerCondition[]): void {
    new ApplicationListenerRule(this, 'PreflightRule', {
      listener,
      priority,
      conditions: [...conditions, ListenerCondition.httpRequestMethods(['OPTIONS'])],
      action: ListenerAction.forward([this.targetGroup]),
    });
  }

  private defineAction({ authentication, listener }: ServingTargetProps): ListenerAction {
    const forward = ListenerAction.forward([this.targetGroup]);
    if (!authentication) return forward;
    const action = authentication.authenticate(forward);
    const actions = action?.renderRuleActions() ?? [];
    const types = actions.map(({ type }) => type);
    const check = new Check(this);
    check.that(
      actions.at(-1)?.targetGroupArn === this.targetGroup.targetGroupArn,
      `authentication must end in the next action, by which requests reach the API (got ${JSON.stringify(types)}${types.at(-1) === 'forward' ? ' to another target group' : ''}): pass next on`,
    );
    check.that(
      types.length < 2 || protocolOf(listener) !== 'HTTP',
      `authentication by ${types[0]} needs HTTPS, and the listener ${listener.node.path} speaks HTTP`,
    );
    check.done();
    return action;
  }
}

function conditionsOf(path: string, host?: string): ListenerCondition[] {
  const paths = ListenerCondition.pathPatterns(path === '' ? ['/*'] : [path, `${path}/*`]);
  return host === undefined ? [paths] : [paths, ListenerCondition.hostHeaders([host])];
}
