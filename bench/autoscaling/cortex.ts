/**
 * The autoscaling of Cortex 0.42.1 at its defaults, step by step as pkg/autoscaler/autoscaler.go does it: every tick the
 * requests in flight over a window, divided by their target, held within a dead band and factors, and moved only by what
 * a whole period of recommendations agrees on.
 */

export interface CortexSettings {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Requests in flight, waiting ones among them, that a replica should have. */
  readonly targetInFlight: number;
  readonly window: number;
  readonly upscaleStabilization: number;
  readonly downscaleStabilization: number;
  readonly maxUpscaleFactor: number;
  readonly maxDownscaleFactor: number;
  readonly upscaleTolerance: number;
  readonly downscaleTolerance: number;
}

/** docs/workloads/realtime/autoscaling.md. The target is `max_concurrency`, which is 1. */
export const CORTEX_DEFAULTS: CortexSettings = {
  minReplicas: 1,
  maxReplicas: 100,
  targetInFlight: 1,
  window: 60,
  upscaleStabilization: 60,
  downscaleStabilization: 300,
  maxUpscaleFactor: 1.5,
  maxDownscaleFactor: 0.75,
  upscaleTolerance: 0.05,
  downscaleTolerance: 0.05,
};

/** pkg/autoscaler: seconds between two decisions. */
export const CORTEX_TICK = 10;

interface Recommendation {
  readonly at: number;
  readonly replicas: number;
}

export class CortexAutoscaler {
  #history: Recommendation[];

  /** It has run for long, with nothing to do: in its first minutes it would not act at all. */
  constructor(
    private readonly settings: CortexSettings,
    replicas: number,
  ) {
    this.#history = [{ at: 0, replicas }];
  }

  /** How many replicas to ask for. `inFlight` is the mean over the window of all that are in flight anywhere. */
  tick(now: number, inFlight: number, current: number): number {
    const { downscaleStabilization, upscaleStabilization } = this.settings;
    const recommended = recommend(this.settings, inFlight, current);
    const oldest = now - Math.max(downscaleStabilization, upscaleStabilization);
    this.#history = [...this.#history.filter(({ at }) => at >= oldest), { at: now, replicas: recommended }];
    if (recommended < current) {
      const highest = Math.max(...this.#since(now - downscaleStabilization));
      return Math.max(recommended, Math.min(highest, current));
    }
    const lowest = Math.min(...this.#since(now - upscaleStabilization));
    return recommended > current ? Math.min(recommended, Math.max(lowest, current)) : current;
  }

  /** Of the periods that begin after it: one that is exactly as old falls to either side there, by a millisecond. */
  #since(time: number): number[] {
    return this.#history.filter(({ at }) => at > time).map(({ replicas }) => replicas);
  }
}

/** What this moment alone would ask for. */
export function recommend(settings: CortexSettings, inFlight: number, current: number): number {
  const raw = inFlight / settings.targetInFlight;
  const isNear =
    (raw < current && raw > current * (1 - settings.downscaleTolerance)) ||
    (raw > current && raw < current * (1 + settings.upscaleTolerance));
  const wished = isNear ? current : Math.ceil(raw);
  // One fewer and one more are always allowed.
  const floor = Math.min(current - 1, Math.ceil(current * settings.maxDownscaleFactor));
  const ceiling = Math.max(current + 1, Math.ceil(current * settings.maxUpscaleFactor));
  const bounded = Math.min(ceiling, Math.max(floor, wished));
  return Math.min(settings.maxReplicas, Math.max(settings.minReplicas, bounded));
}
