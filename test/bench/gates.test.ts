import { expect, test } from 'vitest';
import { atLeast, atMost, verdict } from '../../bench/serving/gates';
import { undecidable } from './targets';

test('a gate decides, and a stretch beside it is only said', () => {
  expect(verdict({ gate: atLeast(2), stretch: atLeast(3) }, 2.5)).toEqual({ target: '>= 2, stretch >= 3', met: true });
  expect(verdict({ gate: atMost(0.6), stretch: atMost(0.4) }, 0.7)).toEqual({
    target: '<= 0.6, stretch <= 0.4',
    met: false,
  });
});

test('a stretch without a gate is reported as met or missed too', () => {
  expect(verdict({ stretch: atLeast(5) }, 4.9)).toEqual({ target: 'stretch >= 5', met: false });
});

test('what has no target has no verdict', () => {
  expect(verdict({}, 1)).toEqual({});
});

test('each target names a work, a load and a peer that are measured', () => {
  expect(undecidable()).toEqual([]);
});
