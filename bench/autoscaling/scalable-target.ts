/** What Application Auto Scaling moves: the desired count of a service, between its limits. */
import type { Fleet } from './fleet';

export interface Limits {
  readonly min: number;
  readonly max: number;
}

/**
 * From an alarm to UpdateService, and from there to the first task. AWS gives no number; its activity logs show seconds
 * between the alarm and the start of an activity.
 */
export const REACTION_SECONDS = 5;

export class ScalableTarget {
  constructor(
    private readonly fleet: Pick<Fleet, 'wanted' | 'scaleTo'>,
    private readonly limits: Limits,
  ) {}

  get capacity(): number {
    return this.fleet.wanted;
  }

  clamp(count: number): number {
    return Math.min(this.limits.max, Math.max(this.limits.min, count));
  }

  /** Answers when the change is fulfilled: the activity is complete, and cool-downs begin. */
  set(count: number): number {
    return this.fleet.scaleTo(count);
  }
}

/**
 * While an answer takes effect, what it added counts as asked for already: another one is computed from the capacity
 * before it, and only what it has more is added (StepScalingPolicyConfiguration, Cooldown). An activity is complete when
 * the service has fulfilled it ("Change successfully fulfilled by ecs", in the guide's example 34 seconds after its start),
 * and the cool-down counts from then.
 */
export class ScaleOut {
  #base = 0;
  #coolUntil = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly target: ScalableTarget,
    private readonly cooldown: number,
  ) {}

  answer(now: number, wantedFrom: (capacity: number) => number): void {
    const base = now < this.#coolUntil ? this.#base : this.target.capacity;
    const wanted = this.target.clamp(wantedFrom(base));
    if (wanted <= this.target.capacity) return;
    this.#base = base;
    this.#coolUntil = this.target.set(wanted) + this.cooldown;
  }
}
