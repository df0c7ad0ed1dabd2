/** The running replicas: an ECS service that replaces them without losing a request and takes a bad version back. */
import { Annotations, Duration, Stack, Token } from 'aws-cdk-lib';
import {
  CfnSecurityGroupIngress,
  type IPeer,
  type ISecurityGroup,
  Port,
  SecurityGroup,
  type SubnetSelection,
} from 'aws-cdk-lib/aws-ec2';
import { AlarmBehavior, AvailabilityZoneRebalancing, type BaseService, PropagatedTagSource } from 'aws-cdk-lib/aws-ecs';
import type { IApplicationListener } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import { MANAGEMENT_PORT, SERVING_DEFAULTS } from '../../runtime/contract/manifest';
import type { Timing } from '../../runtime/contract/timing';
import type { ComputeBinding } from '../compute/binding';
import type { ModelPlatform } from '../model-platform';
import { acknowledge } from '../private/acknowledge';
import { Check, isKnown } from '../private/check';
import { isEverybody } from '../private/everybody';
import { warnOfIsolation } from '../private/isolation';
import { isOfStack } from '../private/reach';
import type { RolloutBinding } from '../rollout/binding';
import type { ServingTarget } from './target';
import type { ServingTask } from './task';
import { alternateOf } from './traffic';

export interface ReplicasProps {
  readonly platform: ModelPlatform;
  readonly listener: IApplicationListener;
  readonly target: ServingTarget;
  readonly task: ServingTask;
  readonly compute: ComputeBinding;
  readonly rollout: RolloutBinding;
  readonly timing: Timing;
  readonly vpcSubnets?: SubnetSelection;
  readonly securityGroups?: ISecurityGroup[];
  readonly scrapers?: IPeer[];
}

export function defineReplicas(scope: Construct, props: ReplicasProps): BaseService {
  const { platform, task, compute, rollout, timing } = props;
  const vpcSubnets = props.vpcSubnets ?? platform.vpcSubnets;
  check(scope, props);
  // Of its own subnets the platform speaks.
  if (props.vpcSubnets) warnOfIsolation(scope, platform.vpc, vpcSubnets);
  const parts = {
    cluster: platform.cluster,
    taskDefinition: task.taskDefinition,
    vpcSubnets,
    securityGroups: props.securityGroups ?? [defineSecurityGroup(scope, props)],
    ...deploymentOf(rollout),
    healthCheckGracePeriod: Duration.seconds(timing.healthCheckGrace),
    propagateTags: PropagatedTagSource.SERVICE,
    enableECSManagedTags: true,
  };
  const service = compute.defineService(scope, 'Service', parts, platform);
  attach(scope, service, props);
  warnOfClosedGroups(scope, props);
  waitForWays(service, platform, vpcSubnets);
  task.connectTo(service);
  // They are known to the service by their names, which say nothing of an order.
  service.node.addDependency(...rollout.rollbackAlarms);
  return service;
}

function deploymentOf(rollout: RolloutBinding) {
  const { minHealthyPercent, maxHealthyPercent, rollbackAlarmNames: alarmNames } = rollout;
  // ECS balances by starting a replica before it stops another, and refuses the one without room for the other.
  const mayBalance = isKnown(maxHealthyPercent) && maxHealthyPercent > 100;
  return {
    minHealthyPercent,
    maxHealthyPercent,
    circuitBreaker: { rollback: true },
    ...rollout.shift,
    deploymentAlarms: alarmNames.length > 0 ? { alarmNames, behavior: AlarmBehavior.ROLLBACK_ON_ALARM } : undefined,
    availabilityZoneRebalancing: AvailabilityZoneRebalancing[mayBalance ? 'ENABLED' : 'DISABLED'],
  };
}

function defineSecurityGroup(scope: Construct, { platform: { vpc }, scrapers = [] }: ReplicasProps): SecurityGroup {
  const securityGroup = new SecurityGroup(scope, 'SecurityGroup', { vpc, description: 'Replicas of a model API' });
  if (scrapers.some(({ uniqueId }) => Token.isUnresolved(uniqueId))) {
    const reason = 'Whom scrapers names is known at deployment only, and the rule cannot judge what it cannot read.';
    acknowledge(securityGroup, 'EC23', reason);
  }
  return securityGroup;
}

/** The load balancer sends requests to one port and asks for readiness at another, which scrapers may read too. */
function attach(scope: Construct, service: BaseService, props: ReplicasProps): void {
  const { target, task, listener, scrapers = [] } = props;
  const container = { containerName: task.container.containerName, containerPort: SERVING_DEFAULTS.port };
  const alternateTarget = alternateOf(scope, target);
  target.targetGroup.addTarget(service.loadBalancerTarget({ ...container, alternateTarget }));
  service.connections.allowFrom(listener, Port.tcp(MANAGEMENT_PORT), 'Readiness checks of the load balancer');
  for (const scraper of scrapers) {
    const [port, why] = [Port.tcp(MANAGEMENT_PORT), 'Scrapers of metrics'];
    // A rule between groups of two stacks stands in the API's, which depends on the other.
    if (isOfStack(scraper, service)) scraper.connections.allowTo(service, port, why);
    else service.connections.allowFrom(scraper, port, why);
  }
}

/** One that was imported as immutable drops every rule without a word, and the health checks never arrive. */
function warnOfClosedGroups(scope: Construct, { securityGroups, listener, scrapers, rollout }: ReplicasProps): void {
  if (securityGroups?.some(takesRules) ?? true) return;
  const balancer = listener.connections.securityGroups.map(({ securityGroupId: id }) =>
    isKnown(id) ? ` (${id})` : '',
  );
  const [traffic, management] = [SERVING_DEFAULTS.port, MANAGEMENT_PORT];
  const { path } = scope.node;
  const askers = rollout.check ? `those of ${path}/Probe and ${path}/RolloutCheck` : `that of ${path}/Probe`;
  Annotations.of(scope).addWarningV2(
    'cdk-model-api:immutableSecurityGroups',
    `securityGroups are imported as immutable and get no rules: where they are defined, let in TCP ${traffic} and ${management} from the security group of the load balancer${balancer.join('')}, ${traffic} from ${askers}${scrapers?.length ? `, and ${management} from the scrapers` : ''}, or no replica ever becomes healthy`,
  );
}

/** To be asked when rules were added: an imported group has them as constructs below it. */
function takesRules(group: ISecurityGroup): boolean {
  return group instanceof SecurityGroup || group.node.findAll().some((one) => one instanceof CfnSecurityGroupIngress);
}

/**
 * CloudFormation knows of no order between a service and the route by which its first replicas pull their image. Nor does
 * it know that the cluster needs its capacity providers before the service comes, and until it has gone.
 */
function waitForWays(service: BaseService, { cluster, vpc }: ModelPlatform, vpcSubnets?: SubnetSelection): void {
  const { internetConnectivityEstablished } = vpc.selectSubnets(vpcSubnets);
  service.node.addDependency(cluster, internetConnectivityEstablished);
}

function check(scope: Construct, props: ReplicasProps): void {
  const { platform, vpcSubnets, securityGroups, scrapers = [] } = props;
  const check = new Check(scope);
  checkReachable(check, props);
  check.that(
    vpcSubnets === undefined || !platform.vpc.selectSubnets(vpcSubnets).hasPublic,
    `vpcSubnets of the VPC ${platform.vpc.node.path} are public, and without a public address nobody can pull an image there: give some that have a NAT gateway or endpoints`,
  );
  check.that(securityGroups?.length !== 0, 'securityGroups is empty: give at least one, or leave it out');
  for (const { uniqueId } of scrapers) {
    check.that(
      !isEverybody(uniqueId),
      `scrapers must not be everybody (got ${uniqueId}), whom the metrics of a model are no business of: give a security group or an address range`,
    );
  }
  check.done();
}

/** Who is let in stands beside the group, in its stack. */
function checkReachable(check: Check, { platform, listener, securityGroups = [] }: ReplicasProps): void {
  const [below, above] = [Stack.of(platform.vpc), Stack.of(listener)];
  const isNamed = listener.connections.securityGroups.every(({ securityGroupId }) => isKnown(securityGroupId));
  for (const group of securityGroups) {
    check.that(
      isNamed || Stack.of(group) !== below || below === above,
      `securityGroups has ${group.node.path}, whose rules would name the load balancer of ${above.node.path}, and that stack depends on ${below.node.path} for its VPC: define the group in ${above.node.path}`,
    );
  }
}
