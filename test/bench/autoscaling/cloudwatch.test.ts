import { describe, expect, test } from 'vitest';
import { Alarm, type AlarmSettings } from '../../../bench/autoscaling/alarm';
import { Engine } from '../../../bench/autoscaling/engine';
import { INGESTION_SECONDS, Metric } from '../../../bench/autoscaling/metric';

describe('a metric', () => {
  test('has a line at the time that it says, from the moment on at which it has come through', () => {
    const engine = new Engine();
    const metric = new Metric(engine, 8);
    engine.at(12, () => metric.put(4));
    engine.at(14, () => metric.put(2));
    engine.run(20);
    expect(metric.average(10, 10)).toBeUndefined();
    engine.run(21);
    expect(metric.average(10, 10)).toBe(4);
    engine.run(23);
    expect(metric.average(10, 10)).toBe(3);
    expect(metric.average(0, 60)).toBe(3);
    expect(metric.average(20, 10)).toBeUndefined();
  });

  test('averages lines and not replicas: who writes more counts more', () => {
    const engine = new Engine();
    const metric = new Metric(engine, 0);
    for (const [time, value] of [
      [5, 1],
      [15, 1],
      [25, 7],
    ]) {
      engine.at(time, () => metric.put(value));
    }
    engine.run(60);
    expect(metric.average(0, 60)).toBe(3);
  });
});

describe('an alarm', () => {
  const BURST: AlarmSettings = {
    period: 10,
    evaluationPeriods: 3,
    datapointsToAlarm: 2,
    comparison: 'GreaterThanOrEqualToThreshold',
    threshold: 2,
    missing: 'notBreaching',
  };
  const HIGH: AlarmSettings = {
    period: 60,
    evaluationPeriods: 3,
    datapointsToAlarm: 3,
    comparison: 'GreaterThanThreshold',
    threshold: 2,
    missing: 'missing',
  };

  /** When it acts and by which value, where a replica's lines say these values from second 5 on, ten seconds apart. */
  function actions(settings: AlarmSettings, valueAt: (second: number) => number, phase = 0, until = 600) {
    const engine = new Engine();
    const metric = new Metric(engine);
    const acted: [time: number, value: number][] = [];
    engine.every(10, 5, () => metric.put(valueAt(engine.now)));
    new Alarm(engine, metric, settings, (value) => acted.push([engine.now, value]), phase);
    engine.run(until);
    return acted;
  }

  test('of ten seconds sees a step after two of its points have come through', () => {
    // Lines of 105 and 115 arrive at 115 and 125; the second one's period is whole at 120 and looked at next at 130.
    const [first] = actions(BURST, (second) => (second >= 100 ? 9 : 1));
    expect(INGESTION_SECONDS).toBe(10);
    expect(first).toEqual([130, 9]);
  });

  test('of three minutes sees it when three whole minutes have been above', () => {
    // The minutes from 60, 120 and 180 on. The last line of the third, of 235, arrives at 245, but others were there at 240.
    const [first] = actions(HIGH, (second) => (second >= 60 ? 9 : 1));
    expect(first).toEqual([240, 9]);
  });

  test('acts once a minute while it stays, whatever its period', () => {
    const acted = actions(BURST, (second) => (second >= 100 && second < 300 ? 9 : 1));
    expect(acted.map(([time]) => time)).toEqual([130, 190, 250, 310]);
  });

  test('is quiet about a single point', () => {
    expect(actions(BURST, (second) => (second === 105 ? 9 : 1))).toEqual([]);
  });

  test('looks within its rhythm when its phase says', () => {
    const [[time]] = actions(HIGH, (second) => (second >= 60 ? 9 : 1), 0.5);
    expect(time).toBe(270);
  });
});
