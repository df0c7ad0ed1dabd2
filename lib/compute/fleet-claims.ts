/**
 * What the APIs on a shared fleet ask of it together. Each is judged alone when it is declared; whether all of them fit
 * beside each other is known when the whole app has been said.
 */
import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { ReplicaRange } from '../scaling/limits';
import type { ReplicaSize } from './fit';
import type { FleetPlan } from './fleet-plan';
import { instancesFor, type Load } from './packing';

export interface Claim {
  /** The path of the API. */
  readonly api: string;
  readonly size: ReplicaSize;
  readonly replicas: ReplicaRange;
  /** Whether a deployment runs all new replicas beside all old ones. */
  readonly doubles: boolean;
}

type Bound = 'lowestMin' | 'max';

export class FleetClaims {
  private readonly claims: Claim[] = [];
  private hasWarned = false;

  constructor(
    private readonly fleet: Construct,
    private readonly plan: FleetPlan,
    private readonly maxInstances: number,
  ) {
    fleet.node.addValidation({ validate: () => this.judge() });
  }

  public add(claim: Claim): void {
    this.claims.push(claim);
  }

  /** Errors; what is only short at times is a warning. */
  private judge(): string[] {
    if (this.claims.length < 2) return [];
    const errors = this.judgeLeast();
    if (errors.length === 0 && !this.hasWarned) this.sayShortage();
    return errors;
  }

  private judgeLeast(): string[] {
    const needed = this.needed('lowestMin');
    if (needed > this.maxInstances) {
      return [
        `${this.list('lowestMin')} replicas are the fewest (minReplicas) and need ${needed} instances together, and the fleet has at most ${this.maxInstances}: the others never start. Raise maxInstances to ${needed}, or lower minReplicas`,
      ];
    }
    return this.short('lowestMin', (claim) => claim.doubles).map(
      ({ claim, instances }) =>
        `the rollout of ${claim.api} runs all new replicas beside all old ones, and with the fewest of ${this.list('lowestMin')} (minReplicas) that takes ${instances} instances of at most ${this.maxInstances}: no deployment would get through. Raise maxInstances to ${instances}, lower minReplicas, or use Rollout.rolling()`,
    );
  }

  private sayShortage(): void {
    this.hasWarned = true;
    const needed = this.needed('max');
    const without = this.short('max', () => true);
    if (needed <= this.maxInstances && without.length === 0) return;
    const enough = Math.max(needed, ...without.map(({ instances }) => instances));
    const lacking =
      needed > this.maxInstances
        ? `need ${needed} instances together: beyond ${this.maxInstances} (maxInstances) replicas wait until others go, also the new ones of a deployment`
        : `leave no room on ${this.maxInstances} instances (maxInstances) for a deployment of ${without.map(({ claim }) => claim.api).join(', ')}, which waits at such a time until it is given up`;
    Annotations.of(this.fleet).addWarningV2(
      'cdk-model-api:fleetLacksRoom',
      `the APIs of this fleet are judged together: ${this.list('max')} replicas (maxReplicas) ${lacking}. Raise maxInstances to ${enough}, or lower maxReplicas`,
    );
  }

  /** APIs of which a deployment has no room while all run at that bound. */
  private short(bound: Bound, which: (claim: Claim) => boolean): { claim: Claim; instances: number }[] {
    return this.claims
      .filter(which)
      .map((claim) => {
        const more = claim.doubles ? countOf(claim, bound) : 1;
        return { claim, instances: this.needed(bound, [{ size: claim.size, count: more }]) };
      })
      .filter(({ instances }) => instances > this.maxInstances);
  }

  private needed(bound: Bound, more: readonly Load[] = []): number {
    const loads = this.claims.map((claim) => ({ size: claim.size, count: countOf(claim, bound) }));
    return instancesFor(this.plan.machines, [...loads, ...more]);
  }

  private list(bound: Bound): string {
    return this.claims.map((claim) => `${countOf(claim, bound)} of ${claim.api}`).join(', ');
  }
}

/** Of a minimum that only the deployment knows one replica is sure. */
function countOf({ replicas }: Claim, bound: Bound): number {
  return replicas[bound] ?? 1;
}
