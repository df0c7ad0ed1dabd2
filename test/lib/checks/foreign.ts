/** A model server that somebody declared by hand with the CDK's own constructs. Its rules are kept unless a test breaks one. */
import { Duration, type Stack } from 'aws-cdk-lib';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { type IVpc, Vpc } from 'aws-cdk-lib/aws-ec2';
import {
  Cluster,
  type ContainerDefinitionOptions,
  ContainerImage,
  FargateService,
  type FargateServiceProps,
  FargateTaskDefinition,
  LogDriver,
} from 'aws-cdk-lib/aws-ecs';
import {
  type AddApplicationTargetsProps,
  type ApplicationListener,
  ApplicationLoadBalancer,
  ApplicationProtocol,
  type ApplicationTargetGroup,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';

export interface ForeignOptions {
  readonly service?: Partial<FargateServiceProps>;
  readonly container?: Partial<ContainerDefinitionOptions>;
  readonly targets?: Partial<AddApplicationTargetsProps>;
  readonly internetFacing?: boolean;
  /** Undefined: it is not scaled. */
  readonly maxCapacity?: number;
  readonly isWatched?: boolean;
}

export interface Foreign {
  readonly service: FargateService;
  readonly taskDefinition: FargateTaskDefinition;
  readonly loadBalancer: ApplicationLoadBalancer;
  readonly listener: ApplicationListener;
  readonly targetGroup: ApplicationTargetGroup;
}

export const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
const PORT = 8000;

export function foreignIn(stack: Stack, options: ForeignOptions = {}): Foreign {
  const vpc = vpcIn(stack);
  const taskDefinition = new FargateTaskDefinition(stack, 'Task');
  taskDefinition.addContainer('Server', {
    image: ContainerImage.fromRegistry(`registry.example/server@${DIGEST}`),
    portMappings: [{ containerPort: PORT }],
    logging: LogDriver.awsLogs({
      streamPrefix: 'server',
      logGroup: new LogGroup(stack, 'Logs', { retention: RetentionDays.ONE_MONTH }),
    }),
    ...options.container,
  });
  const service = new FargateService(stack, 'Service', {
    cluster: new Cluster(stack, 'Cluster', { vpc }),
    taskDefinition,
    minHealthyPercent: 100,
    circuitBreaker: { rollback: true },
    healthCheckGracePeriod: Duration.minutes(10),
    ...options.service,
  });
  const { internetFacing = false } = options;
  const loadBalancer = new ApplicationLoadBalancer(stack, 'Balancer', { vpc, internetFacing });
  const listener = loadBalancer.addListener('Listener', { protocol: ApplicationProtocol.HTTP, open: false });
  const targetGroup = listener.addTargets('Targets', {
    port: PORT,
    protocol: ApplicationProtocol.HTTP,
    targets: [service],
    ...options.targets,
  });
  scale(service, 'maxCapacity' in options ? options.maxCapacity : 10);
  if (options.isWatched ?? true) watch(stack, targetGroup);
  return { service, taskDefinition, loadBalancer, listener, targetGroup };
}

/** A network that is there already: it costs no resources. */
export function vpcIn(stack: Stack): IVpc {
  return Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcCidrBlock: '10.0.0.0/16',
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ['eu-west-1a', 'eu-west-1b'],
    publicSubnetIds: ['subnet-0123456789abcdef2', 'subnet-0123456789abcdef3'],
    privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
  });
}

function scale(service: FargateService, maxCapacity?: number): void {
  if (maxCapacity === undefined) return;
  service.autoScaleTaskCount({ maxCapacity }).scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 60 });
}

function watch(stack: Stack, { metrics }: ApplicationTargetGroup): void {
  new Alarm(stack, 'Slow', { metric: metrics.targetResponseTime(), threshold: 1, evaluationPeriods: 3 });
}
