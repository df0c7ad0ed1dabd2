/** How replicas are replaced one by one. */
import type { RollbackOptions } from './rollback-options';

/** How replicas are replaced. */
export interface RollingOptions extends RollbackOptions {
  /**
   * Ready replicas that a deployment leaves, in percent of those that run before it, rounded up; 0 to 100.
   *
   * Below 100 old replicas go before their successors are ready, and the others have to do their work.
   *
   * @default - 100, or 0 where no new replica fits beside the old ones
   */
  readonly minHealthyPercent?: number;

  /**
   * Replicas that a deployment may run, old and new together, in percent of those that run before it, rounded down; at
   * least 100.
   *
   * Lower costs less capacity and makes deployments slower. At 100 replicas are not balanced over zones either.
   *
   * @default - 200, or 100 where no new replica fits beside the old ones
   */
  readonly maxHealthyPercent?: number;

  /**
   * Whether the API has the second target group that blue/green, canary and linear rollouts take turns with: on the way to
   * one of them, and on the way back. docs/rollouts.md says when.
   *
   * @default false
   */
  readonly alternateTargetGroup?: boolean;
}
