/**
 * What an API needs to know of the place where it runs, and what that place defines for it: a kind of compute has a task
 * definition and a service of its own kind, and nobody else asks which kind it is.
 */
import type { Size } from 'aws-cdk-lib';
import type { ISecurityGroup, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import type {
  BaseService,
  BaseServiceOptions,
  CfnTaskDefinition,
  CommonTaskDefinitionProps,
  ContainerDefinitionOptions,
  CpuArchitecture,
  LinuxParametersProps,
  TaskDefinition,
} from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import type { ModelFleet } from '../model-fleet';
import type { ModelPlatform } from '../model-platform';

/** What every kind of service is told, whatever its replicas run on. */
export interface ServiceParts extends BaseServiceOptions {
  readonly taskDefinition: TaskDefinition;
  readonly vpcSubnets?: SubnetSelection;
  readonly securityGroups: ISecurityGroup[];
}

export interface ComputeBinding {
  /** What the image is built for. */
  readonly platform: Platform;
  readonly architecture: CpuArchitecture;
  /** CPU units and memory of a replica. */
  readonly cpu: number;
  readonly memory: Size;
  /** GPUs that a replica has to itself. */
  readonly gpus: number;
  /** Whether there is room for new replicas while the old ones still run. */
  readonly hasSpareCapacity: boolean;
  /** Replicas that fit at most, old and new together; left out: as many as AWS has room for. */
  readonly roomFor?: number;
  /** Longest time from SIGTERM to SIGKILL, in seconds. */
  readonly stopTimeoutLimit: number;
  /** Whether a replica may be taken away at any time. */
  readonly interruptible: boolean;
  /** What the model's container gets that others do not. */
  readonly container: Pick<ContainerDefinitionOptions, 'gpuCount' | 'environment' | 'memoryLimitMiB' | 'cpu'>;
  /** What its kernel gives it. */
  readonly linux: LinuxParametersProps;
  /** Options of a container that the CDK passes on and Amazon ECS refuses here. */
  readonly refused?: {
    readonly container: readonly (keyof ContainerDefinitionOptions)[];
    readonly linux: readonly (keyof CfnTaskDefinition.LinuxParametersProperty)[];
  };
  /** The volume of a machine that replicas on it share as cache, by its name; each has one of its own where there is none. */
  readonly cacheVolume?: string;
  /** Defines the task without its containers. */
  defineTask(scope: Construct, id: string, props: CommonTaskDefinitionProps): TaskDefinition;
  /** Defines the service, and what its replicas run on where that is the API's own. */
  defineService(scope: Construct, id: string, parts: ServiceParts, platform: ModelPlatform): BaseService;
  /** The group of instances on which replicas run, once the service is defined. */
  readonly fleet?: ModelFleet;
}
