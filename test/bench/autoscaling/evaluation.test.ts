import { describe, expect, test } from 'vitest';
import { type Evaluation, evaluate, type Missing, type State } from '../../../bench/autoscaling/evaluation';

/** As the guide draws them: X breaches, 0 does not, - is missing; the newest last. */
function points(drawn: string): (number | undefined)[] {
  return drawn.split(' ').map((one) => ({ X: 10, '0': 1 })[one]);
}

function state(drawn: string, datapointsToAlarm: number, missing: Missing, before: State = 'OK'): State {
  const settings: Evaluation = {
    comparison: 'GreaterThanThreshold',
    threshold: 5,
    evaluationPeriods: 3,
    datapointsToAlarm,
    missing,
  };
  return evaluate(points(drawn), settings, before);
}

/** Of missing, ignore, breaching and notBreaching. `Retain` is the state before. */
const ALL: readonly Missing[] = ['missing', 'ignore', 'breaching', 'notBreaching'];

describe("the tables of CloudWatch's guide", () => {
  test.each([
    ['0 - X - X', ['OK', 'OK', 'OK', 'OK']],
    ['0 - - - -', ['OK', 'OK', 'OK', 'OK']],
    ['- - - - -', ['INSUFFICIENT_DATA', 'Retain', 'ALARM', 'OK']],
    ['0 X X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['- - X - -', ['ALARM', 'Retain', 'ALARM', 'OK']],
  ])('3 of 3: %s', (drawn, expected) => {
    expect(ALL.map((missing) => state(drawn, 3, missing))).toEqual(retained(expected, 'OK'));
    expect(state(drawn, 3, 'ignore', 'ALARM')).toBe(retained(expected, 'ALARM')[1]);
  });

  test.each([
    ['0 - X - X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 0 X 0 X', ['ALARM', 'ALARM', 'ALARM', 'ALARM']],
    ['0 - X - -', ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - - 0', ['OK', 'OK', 'ALARM', 'OK']],
    ['- - - X -', ['ALARM', 'Retain', 'ALARM', 'OK']],
  ])('2 of 3: %s', (drawn, expected) => {
    expect(ALL.map((missing) => state(drawn, 2, missing))).toEqual(retained(expected, 'OK'));
  });

  function retained(expected: readonly string[], before: State): string[] {
    return expected.map((one) => (one === 'Retain' ? before : one));
  }
});

test('one breaching point after silence is no alarm yet', () => {
  expect(state('- - - - X', 3, 'missing')).toBe('OK');
  expect(state('- - - X -', 3, 'missing')).toBe('OK');
});

test.each([
  ['GreaterThanThreshold', 5, 'OK'],
  ['GreaterThanOrEqualToThreshold', 5, 'ALARM'],
  ['LessThanThreshold', 5, 'OK'],
  ['LessThanThreshold', 4.9, 'ALARM'],
] as const)('%s of 5 by %d is %s', (comparison, value, expected) => {
  const settings = {
    comparison,
    threshold: 5,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    missing: 'missing',
  } as const;
  expect(evaluate([value, value, value], settings, 'OK')).toBe(expected);
});
