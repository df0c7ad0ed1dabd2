/**
 * A share of Spot → a capacity provider strategy. There always is one, also without Spot: a service that has none cannot
 * get one without being replaced.
 */
import { Token } from 'aws-cdk-lib';
import type { CapacityProviderStrategy } from 'aws-cdk-lib/aws-ecs';
import { type Check, isKnown } from '../private/check';

export const ON_DEMAND = 'FARGATE';
export const SPOT = 'FARGATE_SPOT';

/** ECS takes weights up to 1000. */
const WHOLE = 1000;

export interface FargateCapacity {
  readonly spotShare?: number;
  readonly onDemandBase?: number;
}

export function fargateCapacity({ spotShare = 0, onDemandBase = 0 }: FargateCapacity): CapacityProviderStrategy[] {
  // ECS places nothing on what has no weight, and does not say whether it makes an exception of a base.
  const most = onDemandBase === 0 ? WHOLE : WHOLE - 1;
  const share = Math.min(most, Math.round(spotShare * WHOLE));
  const unit = greatestCommonDivisor(share, WHOLE);
  const base = onDemandBase === 0 ? undefined : onDemandBase;
  return [
    { capacityProvider: ON_DEMAND, base, weight: (WHOLE - share) / unit },
    { capacityProvider: SPOT, weight: share / unit },
  ].filter(({ weight }) => weight > 0);
}

export function checkFargateCapacity(check: Check, { spotShare, onDemandBase }: FargateCapacity): void {
  check.that(!Token.isUnresolved(spotShare), 'spotShare must be known at synth: the weights of capacity follow it');
  if (isKnown(spotShare)) {
    check.that(spotShare >= 0 && spotShare <= 1, `spotShare must be from 0 to 1 (got ${spotShare})`);
  }
  check.integer('onDemandBase', onDemandBase, 0, 100_000);
  check.that(
    (spotShare ?? 0) !== 0 || (onDemandBase ?? 0) === 0,
    `onDemandBase (${onDemandBase}) has no effect without spotShare: give that too, or leave it out`,
  );
}

function greatestCommonDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestCommonDivisor(other, one % other);
}
