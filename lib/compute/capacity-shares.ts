/**
 * A share of Spot → the weights of a capacity provider strategy. There always is one, also without Spot: a service that
 * has none cannot get one without being replaced.
 */
import { Token } from 'aws-cdk-lib';
import { type Check, isKnown } from '../private/check';

/** ECS takes weights up to 1000. */
const WHOLE = 1000;

export interface CapacityShares {
  readonly spotShare?: number;
  readonly onDemandBase?: number;
}

/** What one of the two kinds of capacity gets. */
export interface CapacityShare {
  readonly spot: boolean;
  readonly base?: number;
  readonly weight: number;
}

/** On demand first; a kind that gets nothing is left out. */
export function sharesOf({ spotShare = 0, onDemandBase = 0 }: CapacityShares): CapacityShare[] {
  // ECS places nothing on what has no weight, and does not say whether it makes an exception of a base.
  const most = onDemandBase === 0 ? WHOLE : WHOLE - 1;
  const share = Math.min(most, Math.round(spotShare * WHOLE));
  const unit = greatestCommonDivisor(share, WHOLE);
  const base = onDemandBase === 0 ? undefined : onDemandBase;
  return [
    { spot: false, base, weight: (WHOLE - share) / unit },
    { spot: true, weight: share / unit },
  ].filter(({ weight }) => weight > 0);
}

export function checkShares(check: Check, { spotShare, onDemandBase }: CapacityShares): void {
  check.that(!Token.isUnresolved(spotShare), 'spotShare must be known at synth: the weights of capacity follow it');
  if (isKnown(spotShare)) {
    check.that(spotShare >= 0 && spotShare <= 1, `spotShare must be from 0 to 1 (got ${spotShare})`);
    check.that(
      spotShare <= 0 || Math.round(spotShare * WHOLE) > 0,
      `spotShare (${spotShare}) is counted in thousandths and would be none: give at least 0.001, or leave it out`,
    );
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
