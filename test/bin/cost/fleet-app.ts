/**
 * Apps with APIs on instances, made of the CDK's own constructs: what the command reads is CloudFormation, whoever wrote
 * it.
 */
import { type App, Stack } from 'aws-cdk-lib';
import { CfnScalableTarget, CfnScalingPolicy } from 'aws-cdk-lib/aws-applicationautoscaling';
import { CfnAutoScalingGroup, CfnWarmPool } from 'aws-cdk-lib/aws-autoscaling';
import { CfnLaunchTemplate, type IVpc, Vpc } from 'aws-cdk-lib/aws-ec2';
import {
  CfnCapacityProvider,
  CfnService,
  Cluster,
  ContainerImage,
  Ec2TaskDefinition,
  NetworkMode,
} from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { ENV } from '../../lib/declaration';

export interface FleetApiProps {
  readonly provider: CfnCapacityProvider;
  readonly memoryMiB?: number;
  readonly cpu?: number;
  readonly gpus?: number;
  readonly min?: number;
  readonly max?: number;
}

export class FleetStack extends Stack {
  readonly vpc: IVpc = Vpc.fromVpcAttributes(this, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a', 'b'] });
  readonly cluster = new Cluster(this, 'Cluster', { vpc: this.vpc });

  constructor(app: App, id = 'Fleet') {
    super(app, id, { env: ENV });
  }

  /** A group with a launch template of one type. */
  group(type: string, sizes: { min: number; max: number }, rest: object = {}): CfnCapacityProvider {
    const launchTemplateData = { instanceType: type };
    const template = new CfnLaunchTemplate(this, `Template-${type}`, { launchTemplateData });
    const launchTemplate = { launchTemplateId: template.ref, version: template.attrLatestVersionNumber };
    return this.provider(type, { minSize: String(sizes.min), maxSize: String(sizes.max), launchTemplate, ...rest });
  }

  /** Keeps stopped instances ready for a group. */
  warmPool(type: string, instances: number): void {
    const group = this.node.findChild(`Group-${type}`) as CfnAutoScalingGroup;
    const sizes = { minSize: instances, maxGroupPreparedCapacity: instances };
    new CfnWarmPool(this, `Warm-${type}`, { autoScalingGroupName: group.ref, ...sizes });
  }

  /** A group of two types, the first one wished for most, partly Spot. */
  mixedGroup(types: string[], distribution: CfnAutoScalingGroup.InstancesDistributionProperty): CfnCapacityProvider {
    const template = new CfnLaunchTemplate(this, 'MixedTemplate', { launchTemplateData: {} });
    const specification = { launchTemplateId: template.ref, version: template.attrLatestVersionNumber };
    return this.provider('Mixed', {
      minSize: '0',
      maxSize: '20',
      mixedInstancesPolicy: {
        instancesDistribution: distribution,
        launchTemplate: {
          launchTemplateSpecification: specification,
          overrides: types.map((instanceType) => ({ instanceType })),
        },
      },
    });
  }

  private provider(id: string, props: ConstructorParameters<typeof CfnAutoScalingGroup>[2]): CfnCapacityProvider {
    const group = new CfnAutoScalingGroup(this, `Group-${id}`, props);
    return new CfnCapacityProvider(this, `Provider-${id}`, {
      autoScalingGroupProvider: { autoScalingGroupArn: group.ref, managedScaling: { status: 'ENABLED' } },
    });
  }

  managed(requirements: CfnCapacityProvider.InstanceRequirementsRequestProperty): CfnCapacityProvider {
    return new CfnCapacityProvider(this, 'Managed', {
      managedInstancesProvider: {
        infrastructureRoleArn: 'arn:aws:iam::123456789012:role/infrastructure',
        instanceLaunchTemplate: {
          ec2InstanceProfileArn: 'arn:aws:iam::123456789012:instance-profile/instance',
          networkConfiguration: { subnets: ['subnet-1'], securityGroups: ['sg-1'] },
          instanceRequirements: requirements,
        },
      },
    });
  }

  /** A service like those of `ModelApi`, told by its container's variable. */
  api(id: string, props: FleetApiProps): Construct {
    const { provider, memoryMiB = 3072, cpu = 1024, gpus, min = 1, max = 6 } = props;
    const scope = new Construct(this, id);
    const task = new Ec2TaskDefinition(scope, 'Task', { networkMode: NetworkMode.AWS_VPC });
    task.addContainer('api', {
      image: ContainerImage.fromRegistry('registry.example/model'),
      memoryLimitMiB: memoryMiB,
      cpu,
      gpuCount: gpus,
      environment: { MODEL_API_CONFIG: JSON.stringify({ name: id, emf: true }) },
    });
    const service = new CfnService(new Construct(scope, 'Service'), 'Service', {
      cluster: this.cluster.clusterName,
      taskDefinition: task.taskDefinitionArn,
      capacityProviderStrategy: [{ capacityProvider: provider.ref, weight: 1 }],
    });
    const target = new CfnScalableTarget(scope, 'Target', {
      minCapacity: min,
      maxCapacity: max,
      resourceId: `service/${this.cluster.clusterName}/${service.attrName}`,
      scalableDimension: 'ecs:service:DesiredCount',
      serviceNamespace: 'ecs',
      roleArn: 'arn:aws:iam::123456789012:role/scaling',
    });
    new CfnScalingPolicy(scope, 'Policy', {
      policyName: `${id}-tracking`,
      policyType: 'TargetTrackingScaling',
      scalingTargetId: target.ref,
      targetTrackingScalingPolicyConfiguration: {
        targetValue: 0.5,
        customizedMetricSpecification: {
          namespace: 'ModelApi',
          metricName: 'OfferedConcurrency',
          statistic: 'Average',
          dimensions: [{ name: 'Api', value: id }],
        },
      },
    });
    return scope;
  }
}
