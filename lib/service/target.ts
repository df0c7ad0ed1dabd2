/**
 * Where the load balancer finds an API: a target group that takes ready replicas only and lets leaving ones finish, and
 * the listener rule that leads to it.
 */
import { Duration } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import {
  ApplicationListener,
  ApplicationListenerRule,
  ApplicationProtocol,
  ApplicationTargetGroup,
  type IApplicationListener,
  type IApplicationLoadBalancer,
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
import { Check, isKnown } from '../private/check';
import { HOST_FORM, isHost } from '../private/hosts';
import { basePathOf, checkServing } from '../private/overlay-of';
import { MAX_PRIORITY, priorityOf } from '../private/priority';
import { checkGiven } from '../private/required';
import { claimRule, preflightPriority, type RuleClaim } from '../private/rules';
import { timingOf } from '../private/timing-of';
import type { TestListenerOptions } from '../rollout/test-listener-options';
import { actionOf, conditionsOf } from './rule-action';

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
   * Whether there is a second target group, like the first: for deployments that run the new version beside the old one
   * and then lead callers over. Amazon ECS moves the weights of the rule, which begins with all requests to the first.
   *
   * @default false
   */
  readonly alternateGroup?: boolean;

  /**
   * Where a version that has no callers yet can be called. Needs `alternateGroup`.
   *
   * @default - nowhere
   */
  readonly testListener?: TestListenerOptions;

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
  /** The group that versions take turns with, where there is one: which of the two has callers, only the rule knows. */
  public readonly alternateTargetGroup?: ApplicationTargetGroup;
  /** The rule that leads to it. */
  public readonly rule: ApplicationListenerRule;
  /** The rule that leads to a version that has no callers yet. */
  public readonly testRule?: ApplicationListenerRule;

  constructor(scope: Construct, id: string, props: ServingTargetProps) {
    super(scope, id);
    this.checkParts(props);
    checkServing(this, { path: props.path, requestTimeout: props.requestTimeout });
    const { vpc, alternateGroup, testListener } = props;
    const timing = timingOf(props);
    this.targetGroup = this.defineGroup('Group', vpc, timing);
    // Alike in every setting: after each deployment the other one has the callers.
    if (alternateGroup) this.alternateTargetGroup = this.defineGroup('AlternateGroup', vpc, timing);
    this.rule = this.defineRule(props);
    if (testListener) this.testRule = this.defineTestRule(props, testListener);
  }

  /** All groups in which replicas may be. */
  public get targetGroups(): ApplicationTargetGroup[] {
    return [this.targetGroup, this.alternateTargetGroup].filter((group) => group !== undefined);
  }

  private checkParts({ vpc, listener, authentication, testListener, alternateGroup }: ServingTargetProps): void {
    const check = new Check(this);
    checkGiven(check, 'vpc', vpc, 'vpcId', 'the VPC in which the replicas run');
    checkGiven(check, 'listener', listener, 'listenerArn', 'the listener that gets the rule');
    if (authentication !== undefined) {
      const such =
        'an object with authenticate(), such as { authenticate: (next) => ListenerAction.authenticateOidc({ …, next }) }';
      checkGiven(check, 'authentication', authentication, 'authenticate', such);
    }
    if (testListener !== undefined) {
      const such = 'a listener of the same load balancer';
      checkGiven(check, 'testListener.listener', testListener.listener, 'listenerArn', such);
    }
    check.that(
      testListener === undefined || alternateGroup === true,
      'testListener has nothing to lead to without alternateGroup: give both, or leave it out',
    );
    check.done();
  }

  private defineGroup(id: string, vpc: IVpc, timing: Timing): ApplicationTargetGroup {
    return new ApplicationTargetGroup(this, id, {
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
    const { listener, host, priority = priorityOf(this.node.path), authentication } = props;
    const path = basePathOf(props.path);
    // A rule by which callers are moved from group to group has no authentication that a preflight could meet.
    const hasPreflight = props.forwardPreflight && authentication !== undefined && !this.alternateTargetGroup;
    const check = new Check(this);
    check.that(
      !hasPreflight || (isKnown(priority) && priority > 1),
      `priority must be known at synth and above 1, because the number before it is that of the rule for preflights: give an integer from 2 to ${MAX_PRIORITY}`,
    );
    const chosen = props.priority !== undefined;
    checkRule(check, 'priority', { listener, by: this.node.path, path, host, priority, chosen, hasPreflight });
    check.done();
    if (hasPreflight) this.definePreflightRule(listener, preflightPriority(priority), conditionsOf(path, host));
    return new ApplicationListenerRule(this, 'Rule', {
      listener,
      priority,
      conditions: conditionsOf(path, host),
      action: actionOf(this, { listener, groups: this.targetGroups, authentication }),
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

  /** It leads to the group without callers, and Amazon ECS keeps it so. */
  private defineTestRule(props: ServingTargetProps, test: TestListenerOptions): ApplicationListenerRule {
    const by = `${this.node.path}/TestRule`;
    const { listener, host, priority = priorityOf(by) } = test;
    const path = basePathOf(props.path);
    const check = new Check(this);
    check.that(
      isOfOneBalancer(listener, props.listener),
      `testListener.listener ${listener.node.path} is of another load balancer than ${props.listener.node.path}, and a target group has one: give a listener of ${balancerOf(props.listener)?.node.path}`,
    );
    const chosen = test.priority !== undefined;
    checkRule(check, 'testListener.priority', { listener, by, path, host, priority, chosen });
    check.done();
    const groups = this.targetGroups.reverse();
    return new ApplicationListenerRule(this, 'TestRule', {
      listener,
      priority,
      conditions: conditionsOf(path, host),
      action: actionOf(this, { listener, groups }),
    });
  }
}

/** What keeps a rule from standing on its listener, which learns of it. */
function checkRule(
  check: Check,
  name: string,
  { listener, ...rule }: RuleClaim & { listener: IApplicationListener },
): void {
  const { priority, chosen, host } = rule;
  check.integer(name, priority, 1, MAX_PRIORITY);
  check.that(
    chosen || listener.node.defaultChild !== undefined,
    `${name} is required on the imported listener ${listener.node.path}, whose other rules synth cannot see: give an integer from 1 to ${MAX_PRIORITY} that none of them has`,
  );
  check.that(
    host === undefined || (isKnown(host) && isHost(host)),
    `host must be ${HOST_FORM} (got ${JSON.stringify(host)})`,
  );
  claimRule(check, listener, rule);
}

/** Of an imported listener nobody knows. */
function isOfOneBalancer(one: IApplicationListener, other: IApplicationListener): boolean {
  const [mine, theirs] = [balancerOf(one), balancerOf(other)];
  return mine === undefined || theirs === undefined || mine === theirs;
}

function balancerOf(listener: IApplicationListener): IApplicationLoadBalancer | undefined {
  return listener instanceof ApplicationListener ? listener.loadBalancer : undefined;
}
