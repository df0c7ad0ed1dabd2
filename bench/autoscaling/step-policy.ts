/**
 * A step scaling policy of Application Auto Scaling. From its API reference, StepAdjustment and
 * StepScalingPolicyConfiguration: above the threshold a step's lower bound is within it and its upper bound is not; bounds
 * count from the threshold; a percentage moves by the minimum magnitude at least.
 */
import { type ScalableTarget, ScaleOut } from './scalable-target';

export interface Step {
  readonly from: number;
  readonly to: number;
  readonly adjustment: number;
}

export interface StepSettings {
  readonly adjustmentType: 'PercentChangeInCapacity' | 'ChangeInCapacity';
  readonly minAdjustmentMagnitude: number;
  readonly cooldown: number;
  readonly threshold: number;
  readonly steps: readonly Step[];
}

export class StepPolicy {
  readonly #scaleOut: ScaleOut;

  constructor(
    target: ScalableTarget,
    private readonly settings: StepSettings,
  ) {
    this.#scaleOut = new ScaleOut(target, settings.cooldown);
  }

  breached(now: number, value: number): void {
    const { threshold, steps } = this.settings;
    const step = steps.find(({ from, to }) => value - threshold >= from && value - threshold < to);
    if (step !== undefined) this.#scaleOut.answer(now, (capacity) => capacity + this.#added(capacity, step.adjustment));
  }

  #added(capacity: number, adjustment: number): number {
    const { adjustmentType, minAdjustmentMagnitude } = this.settings;
    if (adjustmentType === 'ChangeInCapacity') return adjustment;
    return Math.max(minAdjustmentMagnitude, rounded((capacity * adjustment) / 100));
  }
}

/** Towards nothing above one, and up to one below it (EC2 Auto Scaling user guide, "Scaling adjustment types"). */
function rounded(change: number): number {
  return change < 1 ? Math.ceil(change) : Math.floor(change);
}
