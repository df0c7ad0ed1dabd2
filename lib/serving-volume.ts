/** What a replica has mounted beside its own scratch: shared model files on EFS, or more scratch. */
import type { FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';

/** A file system that a replica's handler sees. */
export abstract class ServingVolume {
  /** @internal */
  public abstract _bind(scope: Construct, task: FargateTaskDefinition): void;
}
