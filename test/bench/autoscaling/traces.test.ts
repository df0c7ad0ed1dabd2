import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { startArrivals } from '../../../bench/autoscaling/arrivals';
import { Engine } from '../../../bench/autoscaling/engine';
import { Random } from '../../../bench/autoscaling/random';
import { perMinute } from '../../../bench/autoscaling/trace-formats';
import { readTrace, shippedTraces } from '../../../bench/autoscaling/traces';

function written(name: string, content: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'traces-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, name);
  writeFileSync(file, content);
  return file;
}

describe('public formats', () => {
  test('Azure Functions 2019: invocations a minute, summed over the functions', () => {
    const csv = 'HashOwner,HashApp,HashFunction,Trigger,1,2,3\no,a,f,http,1,0,5\no,a,g,timer,2,2,\n';
    expect(perMinute(csv)).toEqual([3, 2, 5]);
  });

  test('Azure LLM inference: a row a request, counted by the minute from the first', () => {
    const csv = [
      'TIMESTAMP,ContextTokens,GeneratedTokens',
      '2023-11-16 18:17:03.9799600,4808,10',
      '2023-11-16 18:18:03.9700000,3180,8',
      '2023-11-16 18:18:03.9900000,110,27',
      '2023-11-16 18:20:30.0000000,7,9',
    ].join('\r\n');
    expect(perMinute(csv)).toEqual([2, 1, 0, 1]);
  });

  test('what begins with neither head is refused, with both', () => {
    expect(() => perMinute('a,b\n1,2')).toThrow('begins with "a,b": known are Azure Functions 2019');
    expect(() => perMinute('TIMESTAMP,ContextTokens,GeneratedTokens\n')).toThrow('no rows');
  });

  test('a recorded file asks for as many replicas as its requests take time', () => {
    const csv = 'HashOwner,HashApp,HashFunction,Trigger,1,2\no,a,f,http,600,600\n';
    expect(readTrace(written('recorded.csv', csv), 0.5).at(60)).toBeCloseTo(5);
  });
});

describe('traces', () => {
  test('are lines between points, and of two points at one time the later counts', () => {
    const points = [
      [0, 2],
      [100, 4],
      [100, 10],
      [200, 10],
    ];
    const trace = readTrace(written('mine.json', JSON.stringify({ title: 'Mine', about: '', points })));
    expect([-1, 0, 50, 99.5, 100, 150, 200, 300].map((time) => trace.at(time))).toEqual([
      2, 2, 3, 3.99, 10, 10, 10, 10,
    ]);
    expect([trace.name, trace.seconds]).toEqual(['mine', 200]);
  });

  test.each([
    [[]],
    [[[0, 1]]],
    [
      [
        [10, 1],
        [0, 1],
      ],
    ],
    [
      [
        [0, -1],
        [10, 1],
      ],
    ],
  ])('%j is none', (points) => {
    expect(() => readTrace(written('wrong.json', JSON.stringify({ points })))).toThrow('is no trace');
  });

  test('those of the package are the step, bursts, waves and a replay, in that order', () => {
    const names = shippedTraces().map(({ name }) => name);
    expect(names).toEqual(['step', 'doubling', 'spike', 'flash-crowd', 'ramp', 'daily-wave', 'replay']);
  });

  test('the replay has its peak in its busiest minute', () => {
    const replay = shippedTraces().find(({ name }) => name === 'replay');
    const minutes = Array.from({ length: 1440 }, (_, minute) => replay?.at(minute * 60 + 30) as number);
    expect(Math.max(...minutes)).toBeCloseTo(40);
  });
});

test('arrivals are as many as the trace says, at the times at which it says so', () => {
  const points = [
    [0, 10],
    [1_000, 10],
    [1_000, 40],
    [2_000, 40],
  ];
  const trace = readTrace(written('two.json', JSON.stringify({ title: '', about: '', points })));
  const engine = new Engine();
  const times: number[] = [];
  startArrivals(engine, trace, 0.5, new Random(5), () => times.push(engine.now));
  engine.run(3_000);
  const before = times.filter((time) => time < 1_000).length;
  expect(before / 20_000).toBeCloseTo(1, 1);
  expect((times.length - before) / 80_000).toBeCloseTo(1, 1);
  expect(Math.max(...times)).toBeLessThan(2_001);
});
