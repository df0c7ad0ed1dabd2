/** What a user says of a realtime API. Two props are required; every other one has a default fit for production. */
import type { RemovalPolicy } from 'aws-cdk-lib';
import type { Secret } from 'aws-cdk-lib/aws-ecs';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Access } from './access';
import type { Compute } from './compute';
import type { ModelHandler } from './model-handler';
import type { ModelPlatform } from './model-platform';
import type { Monitoring } from './monitoring';
import type { Scaling } from './scaling';
import type { ServingOptions } from './serving-options';

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
   * How the API is watched.
   *
   * @default Monitoring.standard()
   */
  readonly monitoring?: Monitoring;

  /**
   * The priority of the API's rule on its listener, 1 to 50000.
   *
   * @default - from the construct's path, such that longer `path`s come before shorter ones
   */
  readonly priority?: number;

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
   * The role that the handler acts as, such as to read a bucket.
   *
   * @default - a new one, without permissions
   */
  readonly taskRole?: IRole;

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
