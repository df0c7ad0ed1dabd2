/**
 * Target tracking as Application Auto Scaling does it, with the two alarms that it makes for itself: 3 of 3 minutes above
 * the target, and 15 of 15 below 90 % of it (as DescribeAlarms shows them, aws/containers-roadmap issue 1208; the guide
 * says only that it "scales out proportionally as fast as it can, but scales in more gradually").
 */
import { Alarm } from './alarm';
import type { Engine } from './engine';
import type { Metric } from './metric';
import type { Random } from './random';
import { REACTION_SECONDS, type ScalableTarget, ScaleOut } from './scalable-target';

export interface TrackingSettings {
  readonly targetValue: number;
  readonly scaleOutCooldown: number;
  readonly scaleInCooldown: number;
}

const MINUTE = 60;
const HIGH_PERIODS = 3;
const LOW_PERIODS = 15;
const LOW_SHARE = 0.9;

export class TrackingPolicy {
  readonly #scaleOut: ScaleOut;
  #scaleInAgainAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly target: ScalableTarget,
    private readonly settings: TrackingSettings,
  ) {
    this.#scaleOut = new ScaleOut(target, settings.scaleOutCooldown);
  }

  /** Puts the two alarms up. */
  watch(engine: Engine, metric: Metric, random: Random): void {
    const { targetValue } = this.settings;
    const alarms = [
      { comparison: 'GreaterThanThreshold', threshold: targetValue, periods: HIGH_PERIODS, answer: this.high },
      { comparison: 'LessThanThreshold', threshold: targetValue * LOW_SHARE, periods: LOW_PERIODS, answer: this.low },
    ] as const;
    for (const { comparison, threshold, periods, answer } of alarms) {
      const when = {
        period: MINUTE,
        evaluationPeriods: periods,
        datapointsToAlarm: periods,
        missing: 'missing',
      } as const;
      const action = (value: number) =>
        engine.at(engine.now + REACTION_SECONDS, () => answer.call(this, engine.now, value));
      new Alarm(engine, metric, { ...when, comparison, threshold }, action, random.uniform());
    }
  }

  high(now: number, value: number): void {
    this.#scaleOut.answer(now, (capacity) => this.#proportional(capacity, value));
  }

  low(now: number, value: number): void {
    if (now < this.#scaleInAgainAt) return;
    const { capacity } = this.target;
    const wanted = this.target.clamp(this.#proportional(capacity, value));
    if (wanted >= capacity) return;
    this.#scaleInAgainAt = this.target.set(wanted) + this.settings.scaleInCooldown;
  }

  /** Rounded up: it "prevents it from adding insufficient capacity or removing too much". 5.6 / 0.7 is 8, though. */
  #proportional(capacity: number, value: number): number {
    return Math.ceil((capacity * value) / this.settings.targetValue - 1e-9);
  }
}
