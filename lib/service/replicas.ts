/** The running replicas: an ECS service that replaces them without losing a request and takes a bad version back. */
import { Duration } from 'aws-cdk-lib';
import { type IPeer, type ISecurityGroup, Port, SecurityGroup, type SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { AvailabilityZoneRebalancing, FargateService, PropagatedTagSource } from 'aws-cdk-lib/aws-ecs';
import type { IApplicationListener, IApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import { MANAGEMENT_PORT, SERVING_DEFAULTS } from '../../runtime/contract/manifest';
import type { Timing } from '../../runtime/contract/timing';
import type { ComputeBinding } from '../compute';
import type { ModelPlatform } from '../model-platform';
import type { RolloutBinding } from '../rollout';
import type { ServingTask } from './task';

export interface ReplicasProps {
  readonly platform: ModelPlatform;
  readonly listener: IApplicationListener;
  readonly targetGroup: IApplicationTargetGroup;
  readonly task: ServingTask;
  readonly compute: ComputeBinding;
  readonly rollout: RolloutBinding;
  readonly timing: Timing;
  readonly vpcSubnets?: SubnetSelection;
  readonly securityGroups?: ISecurityGroup[];
  readonly scrapers?: IPeer[];
}

export function defineReplicas(scope: Construct, props: ReplicasProps): FargateService {
  const { platform, task, compute, timing } = props;
  const { vpc, vpcSubnets, cluster } = platform;
  const service = new FargateService(scope, 'Service', {
    cluster,
    taskDefinition: task.taskDefinition,
    capacityProviderStrategies: compute.capacityProviderStrategies,
    vpcSubnets,
    securityGroups: [new SecurityGroup(scope, 'SecurityGroup', { vpc, description: 'Replicas of a model API' })],
    assignPublicIp: false,
    // All old replicas serve until their successors are ready.
    minHealthyPercent: 100,
    maxHealthyPercent: 200,
    circuitBreaker: { rollback: true },
    healthCheckGracePeriod: Duration.seconds(timing.healthCheckGrace),
    availabilityZoneRebalancing: AvailabilityZoneRebalancing.ENABLED,
    propagateTags: PropagatedTagSource.SERVICE,
    enableECSManagedTags: true,
  });
  attach(service, props);
  waitForWays(service, props);
  return service;
}

/** The load balancer sends requests to one port and asks for readiness at another; nobody else may do either. */
function attach(service: FargateService, { targetGroup, task, listener }: ReplicasProps): void {
  const target = { containerName: task.container.containerName, containerPort: SERVING_DEFAULTS.port };
  targetGroup.addTarget(service.loadBalancerTarget(target));
  service.connections.allowFrom(listener, Port.tcp(MANAGEMENT_PORT), 'Readiness checks of the load balancer');
}

/**
 * CloudFormation knows of no order between a service and what its first replicas need to start: the right to pull their
 * image, and a route to it. Replicas that start too early fail, and the circuit breaker takes that for a bad version.
 * Nor does it know that the cluster needs its capacity providers before the service comes, and until it has gone.
 */
function waitForWays(service: FargateService, { platform, task }: ReplicasProps): void {
  const { cluster, vpc, vpcSubnets } = platform;
  const { internetConnectivityEstablished } = vpc.selectSubnets(vpcSubnets);
  service.node.addDependency(cluster, task.taskDefinition.obtainExecutionRole(), internetConnectivityEstablished);
}
