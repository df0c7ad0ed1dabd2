/** The example serves what its training script makes: the script is really run, and scikit-learn is the judge. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { promisedPythons, pythonWith } from '../runtime/worker/python';
import { Worker } from '../runtime/worker/worker';

const EXAMPLE = join(import.meta.dirname, '..', '..', 'examples', 'iris');
const MODEL = join(EXAMPLE, 'model');

const trained = mkdtempSync(join(tmpdir(), 'iris-'));
let python: string;
let printed: string;

beforeAll(() => {
  python = pythonWith(join(EXAMPLE, 'train', 'requirements.txt'));
  printed = execFileSync(python, [join(EXAMPLE, 'train', 'train.py'), trained], { encoding: 'utf8' });
}, 300_000);

afterAll(() => rmSync(trained, { recursive: true }));

const json = (...path: string[]) => JSON.parse(readFileSync(join(...path), 'utf8'));
const samples = readdirSync(join(MODEL, 'samples'));

test('training prints the accuracy on flowers held back', () => {
  const [, accuracy] = /^accuracy (0\.\d{3}) on 50 held-out flowers$/m.exec(printed) ?? [];
  expect(Number(accuracy)).toBeGreaterThan(0.93);
});

test('the exported model is the one that training makes', () => {
  const [exported, anew] = [json(MODEL, 'model.json'), json(trained, 'model.json')];
  expect(exported.species).toEqual(anew.species);
  expect(exported.features).toEqual(anew.features);
  const numbers = [exported, anew].map(({ coefficients, intercepts }) => [...coefficients.flat(), ...intercepts]);
  expect(numbers[0]?.length).toBe(15);
  for (const [index, number] of (numbers[1] ?? []).entries()) expect(numbers[0]?.[index]).toBeCloseTo(number, 6);
});

test.each(samples)('%s is the sample that training writes', (name) => {
  const [kept, anew] = [json(MODEL, 'samples', name), json(trained, 'samples', name)];
  expect([kept.input, kept.output.label]).toEqual([anew.input, anew.output.label]);
  for (const [species, probability] of Object.entries<number>(anew.output.probabilities))
    expect(kept.output.probabilities[species]).toBeCloseTo(probability, 5);
});

test('handler and scikit-learn agree on all 150 flowers', () => {
  const script = join(import.meta.dirname, 'iris.py');
  const compared = JSON.parse(execFileSync(python, ['-B', script, MODEL], { encoding: 'utf8' }));
  expect(compared).toMatchObject({ flowers: 150, sameLabels: true });
  // The handler rounds to six digits.
  expect(compared.largestDifference).toBeLessThan(5.1e-7);
});

test.each(Object.entries(promisedPythons()))(
  'on Python %s the locked model answers its samples',
  async (_version, base) => {
    const locked = pythonWith(join(MODEL, 'requirements.txt'), base);
    const worker = await Worker.ready(MODEL, { python: locked });
    for (const name of samples) {
      const { input, output } = json(MODEL, 'samples', name);
      expect(await worker.predict(input)).toEqual(output);
    }
  },
  180_000,
);

test('the locked dependencies name no index', () => {
  for (const folder of ['model', 'train'])
    expect(readFileSync(join(EXAMPLE, folder, 'requirements.txt'), 'utf8')).not.toMatch(/https?:|index-url/);
});
