/** The running replicas: an ECS service that replaces them without losing a request and takes a bad version back. */
import { Duration } from 'aws-cdk-lib';
import { type IVpc, Port, SecurityGroup, type SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import {
  AvailabilityZoneRebalancing,
  type CapacityProviderStrategy,
  type ContainerDefinition,
  FargateService,
  type FargateTaskDefinition,
  type ICluster,
  PropagatedTagSource,
} from 'aws-cdk-lib/aws-ecs';
import type { IApplicationListener, IApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import { MANAGEMENT_PORT, SERVING_DEFAULTS } from '../../runtime/contract/manifest';

export interface ReplicasProps {
  readonly vpc: IVpc;
  readonly vpcSubnets?: SubnetSelection;
  readonly cluster: ICluster;
  readonly listener: IApplicationListener;
  readonly targetGroup: IApplicationTargetGroup;
  readonly taskDefinition: FargateTaskDefinition;
  readonly container: ContainerDefinition;
  readonly capacityProviderStrategies: CapacityProviderStrategy[];
  /** During it failed health checks do not count, in seconds. */
  readonly healthCheckGrace: number;
}

export function defineReplicas(scope: Construct, props: ReplicasProps): FargateService {
  const service = new FargateService(scope, 'Service', {
    cluster: props.cluster,
    taskDefinition: props.taskDefinition,
    capacityProviderStrategies: props.capacityProviderStrategies,
    vpcSubnets: props.vpcSubnets,
    securityGroups: [
      new SecurityGroup(scope, 'SecurityGroup', { vpc: props.vpc, description: 'Replicas of a model API' }),
    ],
    assignPublicIp: false,
    // All old replicas serve until their successors are ready.
    minHealthyPercent: 100,
    maxHealthyPercent: 200,
    circuitBreaker: { rollback: true },
    healthCheckGracePeriod: Duration.seconds(props.healthCheckGrace),
    availabilityZoneRebalancing: AvailabilityZoneRebalancing.ENABLED,
    propagateTags: PropagatedTagSource.SERVICE,
    enableECSManagedTags: true,
  });
  attach(service, props);
  return service;
}

function attach(service: FargateService, { targetGroup, container, listener }: ReplicasProps): void {
  const target = { containerName: container.containerName, containerPort: SERVING_DEFAULTS.port };
  targetGroup.addTarget(service.loadBalancerTarget(target));
  service.connections.allowFrom(listener, Port.tcp(MANAGEMENT_PORT), 'Readiness checks of the load balancer');
}
