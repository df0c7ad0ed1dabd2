/** What a user says of a realtime API. Two props are required; every other one has a default fit for production. */
import type { RemovalPolicy } from 'aws-cdk-lib';
import type { IPeer, ISecurityGroup, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { ContainerDefinitionOptions, Secret } from 'aws-cdk-lib/aws-ecs';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Access } from './access';
import type { Compute } from './compute';
import type { ModelHandler } from './model-handler';
import type { ModelPlatform } from './model-platform';
import type { Monitoring } from './monitoring';
import type { Rollout } from './rollout';
import type { Scaling } from './scaling';
import type { ServingOptions } from './serving-options';
import type { ServingVolume } from './serving-volume';

/** A model, who may call it, and how it is served. */
export interface ModelApiProps extends ServingOptions {
  /** The code that answers predictions. */
  readonly handler: ModelHandler;

  /** Who may call the API. */
  readonly access: Access;

  /**
   * Network, cluster and load balancer, shared with other APIs.
   *
   * @default - a platform of its own
   */
  readonly platform?: ModelPlatform;

  /**
   * Where replicas run, and how large one is.
   *
   * @default Compute.fargate()
   */
  readonly compute?: Compute;

  /**
   * How many replicas run.
   *
   * @default Scaling.onConcurrency()
   */
  readonly scaling?: Scaling;

  /**
   * How a new version takes the place of the old one.
   *
   * @default Rollout.rolling()
   */
  readonly rollout?: Rollout;

  /**
   * How the API is watched.
   *
   * @default Monitoring.standard()
   */
  readonly monitoring?: Monitoring;

  /**
   * The host name under which the API is called, where several share a load balancer by their names.
   *
   * @default - the `domainName` of `access`, else any
   */
  readonly host?: string;

  /**
   * The priority of the API's rule on its listener, 1 to 50000: of two rules that match a request, the one with the lower
   * number gets it. Required on a listener that is not the platform's own. `cors` behind an authentication of the load
   * balancer takes the number below it too.
   *
   * @default - from the construct's path
   */
  readonly priority?: number;

  /**
   * Who may read health and metrics on port 8081, beside the load balancer's health checks: a Prometheus, say.
   *
   * @default - nobody
   */
  readonly scrapers?: IPeer[];

  /**
   * The subnets in which replicas run.
   *
   * @default - those of the platform
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * The security groups of the replicas.
   *
   * @default - a new one, that lets in the load balancer, the probe function and scrapers
   */
  readonly securityGroups?: ISecurityGroup[];

  /**
   * What replicas have mounted beside their scratch, such as model files on EFS.
   *
   * @default - nothing
   */
  readonly volumes?: ServingVolume[];

  /**
   * Containers that run beside the model's in each replica, by name.
   *
   * @default - none
   */
  readonly extraContainers?: { readonly [name: string]: ContainerDefinitionOptions };

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
   * The role that the handler acts as, such as to read a bucket.
   *
   * @default - a new one, without permissions
   */
  readonly taskRole?: IRole;

  /**
   * The role by which Amazon ECS starts a replica: pulls its image, reads `secrets`, writes logs.
   *
   * @default - a new one, with the permissions that the replica needs
   */
  readonly executionRole?: IRole;

  /**
   * How long logs are kept.
   *
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;

  /**
   * What becomes of logs when the API is destroyed. A platform of its own follows it too.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}
