/**
 * What a replica is: the task definition that runs the model's image with nothing it does not need. It has no way to
 * write but its two volumes, no capability, no root, and a role without permissions until one is granted.
 */
import { Duration, Stack } from 'aws-cdk-lib';
import {
  type BaseService,
  Capability,
  type ContainerDefinition,
  type ContainerDefinitionOptions,
  type ContainerImage,
  LinuxParameters,
  type Secret,
  type TaskDefinition,
} from 'aws-cdk-lib/aws-ecs';
import type { IRole, PolicyStatementProps } from 'aws-cdk-lib/aws-iam';
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
import { Compute } from '../compute';
import type { ComputeBinding } from '../compute/binding';
import { acknowledge } from '../private/acknowledge';
import { apiNameOf } from '../private/api-name';
import { Check } from '../private/check';
import { roleFor } from '../private/given-role';
import { checkServing, overlayOf } from '../private/overlay-of';
import { isOfStack } from '../private/reach';
import { byReadersPolicy, readingOf } from '../private/secret-access';
import { timingOf } from '../private/timing-of';
import { checkWorkers, workersOf } from '../private/workers-of';
import type { ServingOptions } from '../serving-options';
import type { ServingVolume, ServingVolumeBinding } from '../serving-volume';
import { API_CONTAINER, addExtraContainers, checkExtraContainers } from './extra-containers';
import { logsOf } from './task-logs';
import { permit } from './task-permissions';
import { checkVolumes, mountScratch, mountVolumes, scratchVolumes } from './task-volumes';

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
   * Further environment variables of the handler. Names that begin with `MODEL_API_` are not free.
   *
   * @default - none
   */
  readonly environment?: { readonly [name: string]: string };

  /**
   * Environment variables whose values come from Secrets Manager or Parameter Store when a replica starts. The execution
   * role may read them and decrypt by their key. A key of the CDK leaves that to IAM; one with a stricter policy has to
   * let the role in itself.
   *
   * @default - none
   */
  readonly secrets?: { readonly [name: string]: Secret };

  /**
   * Containers that run beside the model's, by name; `api` is the model's own. They log to `logGroup` unless they say
   * otherwise, must not listen at ports 8080 and 8081, and leave the model what they do not take of CPU and memory. One
   * that is `essential`, as it is unless said otherwise, takes the replica along when it ends.
   *
   * @default - none
   */
  readonly extraContainers?: { readonly [name: string]: ContainerDefinitionOptions };

  /**
   * What the container has mounted beside its scratch. A service with the task is told by `connectTo`.
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
   * The role by which Amazon ECS starts the task. A given one gets the permissions to pull the image, to read `secrets`
   * and to write logs, unless it is imported as immutable.
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
  public readonly taskDefinition: TaskDefinition;
  /** The container that runs gateway and workers. */
  public readonly container: ContainerDefinition;
  /** Python processes of a replica, where it was said how many. */
  public readonly workers?: number;

  private readonly volumes: ServingVolumeBinding[];

  constructor(scope: Construct, id: string, props: ServingTaskProps) {
    super(scope, id);
    checkServing(this, props);
    const compute = (props.compute ?? Compute.fargate())._bind(this);
    this.volumes = this.bindVolumes(props, compute);
    this.workers = workersOf(props, compute);
    const timing = timingOf(props, compute.stopTimeoutLimit);
    this.taskDefinition = this.defineTask(compute, props);
    this.container = this.defineContainer(props, timing, compute);
    mountScratch(this.container, compute.cacheVolume);
    mountVolumes(this.taskDefinition, this.container, this.volumes);
    addExtraContainers(this.taskDefinition, props.extraContainers, props.logGroup);
    permit(this, this.taskDefinition.taskRole, this.permissions(props.apiKeys));
  }

  /**
   * Lets the replicas of a service reach the task's volumes, and has it come after all that its first replica needs to
   * start: the roles' permissions and the file systems. Replicas that start too early fail, and a circuit breaker takes
   * that for a bad version.
   *
   * @param service a service with this task
   */
  public connectTo(service: BaseService): void {
    // Of the task's role the CDK sees to it.
    service.node.addDependency(this.taskDefinition.obtainExecutionRole());
    for (const { host, reachable } of this.volumes) {
      const why = 'Replicas of a model API';
      // A rule between groups of two stacks stands in the API's, which depends on the other.
      if (isOfStack(host, this)) host.connections.allowDefaultPortFrom(service, why);
      else service.connections.allowToDefaultPort(host, why);
      service.node.addDependency(reachable);
    }
  }

  private permissions(apiKeys?: ISecret): PolicyStatementProps[] {
    return [...this.volumes.map(({ permission }) => permission), ...(apiKeys ? readingOf(this, apiKeys) : [])];
  }

  /** With a check of all that stands beside the model in its container and task. */
  private bindVolumes(props: ServingTaskProps, compute: ComputeBinding): ServingVolumeBinding[] {
    const check = new Check(this);
    const volumes = (props.volumes ?? []).map((volume) => volume._bind(check));
    checkVolumes(check, volumes);
    checkEnvironment(check, props);
    checkExtraContainers(check, props.extraContainers, compute);
    checkWorkers(check, props, compute);
    check.done();
    return volumes;
  }

  private defineTask(compute: ComputeBinding, { taskRole, executionRole }: ServingTaskProps): TaskDefinition {
    const taskDefinition = compute.defineTask(this, 'Definition', {
      taskRole: roleFor(this, 'GivenTaskRole', taskRole),
      executionRole: roleFor(this, 'GivenExecutionRole', executionRole),
      volumes: scratchVolumes(compute.cacheVolume),
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

  private defineContainer(props: ServingTaskProps, timing: Timing, compute: ComputeBinding): ContainerDefinition {
    return this.taskDefinition.addContainer('Container', {
      ...compute.container,
      containerName: API_CONTAINER,
      image: props.image,
      user: IMAGE_USER,
      readonlyRootFilesystem: true,
      linuxParameters: this.withoutCapabilities(compute),
      environment: {
        ...compute.container.environment,
        ...props.environment,
        [OVERLAY_VARIABLE]: this.overlay(props, timing),
      },
      secrets: byReadersPolicy(this, props.secrets),
      portMappings: [{ containerPort: SERVING_DEFAULTS.port }, { containerPort: MANAGEMENT_PORT }],
      stopTimeout: Duration.seconds(timing.stopTimeout),
      healthCheck: {
        command: ['CMD', IMAGE_PATHS.python, '-I', '-S', '-c', HEALTH_CHECK],
        interval: Duration.seconds(CONTAINER_HEALTH_CHECK.interval),
        timeout: Duration.seconds(CONTAINER_HEALTH_CHECK.timeout),
        retries: CONTAINER_HEALTH_CHECK.retries,
        startPeriod: Duration.seconds(timing.startPeriod),
      },
      logging: logsOf(props.logGroup, 'replica'),
    });
  }

  private overlay(props: ServingTaskProps, timing: Timing): string {
    const apiName = apiNameOf(this, props.apiName);
    const apiKeysSecret = props.apiKeys?.secretArn;
    const { workers } = this;
    return Stack.of(this).toJsonString(overlayOf({ ...props, workers, apiName, apiKeysSecret }, timing));
  }

  private withoutCapabilities({ linux }: ComputeBinding): LinuxParameters {
    const parameters = new LinuxParameters(this, 'Linux', linux);
    parameters.dropCapabilities(Capability.ALL);
    return parameters;
  }
}

/** The gateway's own: what it is told, and where things lie in its image. */
const OUR_VARIABLES = 'MODEL_API_';

function checkEnvironment(check: Check, { environment = {}, secrets = {} }: ServingTaskProps): void {
  for (const name of Object.keys(environment)) {
    check.that(!(name in secrets), `environment and secrets both have ${JSON.stringify(name)}: leave one out`);
  }
  for (const name of Object.keys({ ...environment, ...secrets })) {
    check.that(
      !name.startsWith(OUR_VARIABLES),
      name === OVERLAY_VARIABLE
        ? `${name} is written from the API's props: use those, and config for what the handler needs`
        : `${name} begins with ${OUR_VARIABLES}, as the gateway's own variables do: give it another name, or use config for what the handler needs`,
    );
  }
}
