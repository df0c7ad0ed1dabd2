/**
 * A CloudWatch alarm with a scaling action. Sources: CloudWatch user guide, "Alarm evaluation" (an alarm of a minute or
 * longer is evaluated every minute, one of 10 seconds every 10) and AWS re:Post, "Why doesn't my CloudWatch alarm's state
 * change invoke my Auto Scaling policy?" (the action is invoked when the state changes, and then once a minute for as long
 * as it remains, whatever the period).
 */
import type { Engine } from './engine';
import { type Evaluation, evaluate, rangeOf, type State } from './evaluation';
import type { Metric } from './metric';

export interface AlarmSettings extends Evaluation {
  /** Seconds: 10, 20, 30 or whole minutes. */
  readonly period: number;
}

const MINUTE = 60;

export class Alarm {
  #state: State = 'INSUFFICIENT_DATA';
  #actedAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly engine: Engine,
    private readonly metric: Metric,
    private readonly settings: AlarmSettings,
    /** Gets the newest data point. */
    private readonly action: (value: number) => void,
    /** When within its rhythm it is evaluated: AWS does not say, so that each run draws it. */
    phase: number,
  ) {
    const rhythm = Math.min(settings.period, MINUTE);
    engine.every(rhythm, phase * rhythm, () => this.#evaluate());
  }

  #evaluate(): void {
    const { now } = this.engine;
    const points = this.#points(now);
    const before = this.#state;
    this.#state = evaluate(points, this.settings, before);
    if (this.#state !== 'ALARM') return;
    if (before === 'ALARM' && now - this.#actedAt < MINUTE) return;
    const newest = points.filter((point) => point !== undefined).at(-1);
    if (newest === undefined) return;
    this.#actedAt = now;
    this.action(newest);
  }

  /** Of the whole periods that have passed. */
  #points(now: number): (number | undefined)[] {
    const { period } = this.settings;
    const range = rangeOf(this.settings);
    const end = Math.floor(now / period) * period;
    return Array.from({ length: range }, (_, index) => {
      const from = end - (range - index) * period;
      return from < 0 ? undefined : this.metric.average(from, period);
    });
  }
}
