import { describe, expect, test } from 'vitest';
import { chart } from '../../bench/serving/chart';
import { report } from '../../bench/serving/report';
import { merged, type Results, type Row, rowOf, serialized } from '../../bench/serving/results';

const versions = { node: 'v20.0.0', fastapi: { fastapi: '0.1', uvicorn: '0.2' } };
const key = { work: 'trivial', load: 'c=64', measure: 'throughput' };
const win: Row = { ...key, peer: 'fastapi-async', ratio: 2.5, min: 2, max: 3, target: '>= 2', met: true };
const loss: Row = { ...key, peer: 'mosec', ratio: 0.5, min: 0.4, max: 0.6, target: 'stretch >= 1', met: false };
const slower: Row = { ...key, measure: 'p99', peer: 'mosec', ratio: 2, min: 1.5, max: 2.5 };
const results: Results = { versions, rows: [win, loss, slower] };
const text = report(results, { chart: 'benchmarks.svg', absent: new Map([['ray, trivial', 'it ended']]) });

describe('results', () => {
  test('a row has exactly the promised members, rounded to four digits', () => {
    const row = rowOf({ ...key, peer: 'flask' }, { median: 1.23456, min: 0.000123456, max: 123456 });
    expect(row).toEqual({ ...key, peer: 'flask', ratio: 1.235, min: 0.0001235, max: 123500 });
  });

  test('the file is the versions and the rows, and nothing else', () => {
    expect(JSON.parse(serialized(results))).toEqual({ versions, rows: [win, loss, slower] });
  });

  test('works that a run leaves out stay as they were measured before', () => {
    const gate = { ...win, work: 'SIGTERM' };
    const again = { ...win, ratio: 2.6 };
    expect(merged({ versions, rows: [win, gate] }, { versions, rows: [again] }).rows).toEqual([gate, again]);
    expect(merged(undefined, results)).toBe(results);
  });

  test('of which run they are is said, however often others were measured since', () => {
    const run = (version: string) => ({ 'cdk-model-api': version, rounds: '7' });
    const first = { versions: run('1'), rows: [win, { ...win, work: 'SIGTERM' }] };
    const second = merged(first, { versions: run('2'), rows: [win] });
    const third = merged(second, { versions: run('3'), rows: [{ ...win, work: 'sleep' }] });
    expect(third.versions.earlier).toEqual({ SIGTERM: '1; 7', trivial: '2; 7' });
  });
});

describe('the document', () => {
  test('says a missed target as plainly as one that was met', () => {
    expect(text).toContain(
      '| trivial | c=64 | throughput | FastAPI, uvicorn, async def | 2.5 [2–3] | >= 2 | gate | met |',
    );
    expect(text).toContain('| trivial | c=64 | throughput | mosec | 0.5 [0.4–0.6] | stretch >= 1 |  | **missed** |');
  });

  test('marks wins and losses by what is better for each measure', () => {
    expect(text).toContain('| c=64 | FastAPI, uvicorn, async def | + 2.5 [2–3] |');
    expect(text).toMatch(/\| c=64 \| mosec \| − 0\.5 \[0\.4–0\.6\] \|.*\| − 2 \[1\.5–2\.5\] \|/);
  });

  test('names what was not run, what is blank and what could not be measured, with the reason', () => {
    expect(text).toContain('Triton Inference Server, KServe, TorchServe, SageMaker endpoints');
    expect(text).toContain('- MLServer: binary: its REST side has no binary extension');
    expect(text).toContain('- ray, trivial: could not be measured here: it ended');
  });

  test('prints the versions of every environment', () => {
    expect(text).toContain('| fastapi | fastapi 0.1, uvicorn 0.2 |');
  });
});

describe('the chart', () => {
  test('has a bar for each peer, and wins and losses in different colours', () => {
    const svg = chart(results.rows);
    expect(svg.match(/<rect x=/g)).toHaveLength(2);
    expect(svg).toContain('fill="#2b7a4b"');
    expect(svg).toContain('fill="#b3402a"');
  });

  test('can be drawn of nothing', () => {
    expect(chart([])).toContain('</svg>');
  });
});
