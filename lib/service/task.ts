/**
 * What a replica is: the task definition that runs the model's image with nothing it does not need. It has no way to
 * write but its two volumes, no capability, no root, and a role without permissions until one is granted.
 */
import { Duration, Size, Stack } from 'aws-cdk-lib';
import {
  AwsLogDriverMode,
  Capability,
  type ContainerDefinition,
  type ContainerDefinitionOptions,
  type ContainerImage,
  FargateTaskDefinition,
  LinuxParameters,
  LogDriver,
  OperatingSystemFamily,
  type Secret,
} from 'aws-cdk-lib/aws-ecs';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import {
  IMAGE_PATHS,
  IMAGE_USER,
  MANAGEMENT_PORT,
  OVERLAY_VARIABLE,
  SERVING_DEFAULTS,
} from '../../runtime/contract/manifest';
import { CONTAINER_HEALTH_CHECK, type Timing } from '../../runtime/contract/timing';
import { Compute, type ComputeBinding } from '../compute';
import { acknowledge } from '../private/acknowledge';
import { apiNameOf } from '../private/api-name';
import { Check } from '../private/check';
import { checkServing, overlayOf } from '../private/overlay-of';
import { timingOf } from '../private/timing-of';
import type { ServingOptions } from '../serving-options';
import type { ServingVolume } from '../serving-volume';

/** What a replica runs, on what, and with which surroundings. */
export interface ServingTaskProps extends ServingOptions {
  /** The model's image. */
  readonly image: ContainerImage;

  /** Where its log lines and metrics go. */
  readonly logGroup: ILogGroup;

  /**
   * How large a replica is.
   *
   * @default Compute.fargate()
   */
  readonly compute?: Compute;

  /**
   * Further environment variables of the handler. `MODEL_API_CONFIG` is not free.
   *
   * @default - none
   */
  readonly environment?: { readonly [name: string]: string };

  /**
   * Environment variables whose values come from Secrets Manager or Parameter Store when a replica starts.
   *
   * @default - none
   */
  readonly secrets?: { readonly [name: string]: Secret };

  /**
   * Further containers of the replica, by name.
   *
   * @default - none
   */
  readonly extraContainers?: { readonly [name: string]: ContainerDefinitionOptions };

  /**
   * What the container has mounted beside its scratch.
   *
   * @default - nothing
   */
  readonly volumes?: ServingVolume[];

  /**
   * The keys of which callers must have one. The task's role gets the right to read them.
   *
   * @default - callers need no key
   */
  readonly apiKeys?: ISecret;

  /**
   * The role by which Amazon ECS starts the task.
   *
   * @default - a new one, with the permissions that the task needs
   */
  readonly executionRole?: IRole;

  /**
   * The role that the handler acts as.
   *
   * @default - a new one, without permissions
   */
  readonly taskRole?: IRole;
}

/** A volume for each folder that the image declares. */
const VOLUMES = IMAGE_PATHS.scratch.map((path) => ({ path, name: path.slice(1).replaceAll('/', '-') }));

/** Slim images have no curl. Python without its site packages starts in some 20 ms. */
const HEALTH_CHECK = [
  'import http.client as http',
  `connection = http.HTTPConnection("127.0.0.1", ${MANAGEMENT_PORT}, timeout=${CONTAINER_HEALTH_CHECK.timeout - 1})`,
  'connection.request("GET", "/healthz")',
  'raise SystemExit(connection.getresponse().status != 200)',
].join('; ');

/** The task definition of an API's replicas. */
export class ServingTask extends Construct {
  /** The task definition. */
  public readonly taskDefinition: FargateTaskDefinition;
  /** The container that runs gateway and workers. */
  public readonly container: ContainerDefinition;

  constructor(scope: Construct, id: string, props: ServingTaskProps) {
    super(scope, id);
    checkServing(this, props);
    checkEnvironment(this, props);
    const compute = (props.compute ?? Compute.fargate())._bind(this);
    const timing = timingOf(props, compute.stopTimeoutLimit);
    this.taskDefinition = this.defineTask(compute, props.taskRole);
    this.container = this.defineContainer(props, timing);
  }

  private defineTask(compute: ComputeBinding, taskRole?: IRole): FargateTaskDefinition {
    const taskDefinition = new FargateTaskDefinition(this, 'Definition', {
      cpu: compute.cpu,
      memoryLimitMiB: compute.memory.toMebibytes(),
      ephemeralStorageGiB: compute.ephemeralStorage?.toGibibytes(),
      runtimePlatform: {
        cpuArchitecture: compute.architecture,
        operatingSystemFamily: OperatingSystemFamily.LINUX,
      },
      taskRole,
      volumes: VOLUMES.map(({ name }) => ({ name })),
    });
    acknowledge(
      taskDefinition,
      'ECS2',
      `${OVERLAY_VARIABLE} says how to serve and holds no secrets; those come by the secrets prop.`,
    );
    acknowledge(
      taskDefinition.obtainExecutionRole(),
      'IAM5[Resource::*]',
      'ecr:GetAuthorizationToken cannot be limited to a repository; pulling is.',
    );
    return taskDefinition;
  }

  private defineContainer(props: ServingTaskProps, timing: Timing): ContainerDefinition {
    const container = this.taskDefinition.addContainer('Container', {
      containerName: 'api',
      image: props.image,
      user: IMAGE_USER,
      readonlyRootFilesystem: true,
      linuxParameters: this.withoutCapabilities(),
      environment: { ...props.environment, [OVERLAY_VARIABLE]: this.overlay(props, timing) },
      secrets: props.secrets,
      portMappings: [{ containerPort: SERVING_DEFAULTS.port }, { containerPort: MANAGEMENT_PORT }],
      stopTimeout: Duration.seconds(timing.stopTimeout),
      healthCheck: {
        command: ['CMD', IMAGE_PATHS.python, '-I', '-S', '-c', HEALTH_CHECK],
        interval: Duration.seconds(CONTAINER_HEALTH_CHECK.interval),
        timeout: Duration.seconds(CONTAINER_HEALTH_CHECK.timeout),
        retries: CONTAINER_HEALTH_CHECK.retries,
        startPeriod: Duration.seconds(timing.startPeriod),
      },
      logging: LogDriver.awsLogs({
        logGroup: props.logGroup,
        streamPrefix: 'replica',
        // A slow CloudWatch must not stop predictions. 50 lines of half a kilobyte a second fill it in 17 minutes.
        mode: AwsLogDriverMode.NON_BLOCKING,
        maxBufferSize: Size.mebibytes(25),
      }),
    });
    for (const { path, name } of VOLUMES) {
      container.addMountPoints({ containerPath: path, sourceVolume: name, readOnly: false });
    }
    return container;
  }

  private overlay(props: ServingTaskProps, timing: Timing): string {
    const apiName = apiNameOf(this, props.apiName);
    return Stack.of(this).toJsonString(overlayOf({ ...props, apiName }, timing));
  }

  private withoutCapabilities(): LinuxParameters {
    const parameters = new LinuxParameters(this, 'Linux');
    parameters.dropCapabilities(Capability.ALL);
    return parameters;
  }
}

function checkEnvironment(scope: Construct, { environment = {}, secrets = {} }: ServingTaskProps): void {
  const check = new Check(scope);
  for (const name of Object.keys(environment)) {
    check.that(!(name in secrets), `environment and secrets both have ${JSON.stringify(name)}: leave one out`);
  }
  check.that(
    !(OVERLAY_VARIABLE in environment) && !(OVERLAY_VARIABLE in secrets),
    `${OVERLAY_VARIABLE} is written from the API's props: use those, and config for what the handler needs`,
  );
  check.done();
}
