/** The example serves what its training script makes: the script is really run, and scikit-learn is the judge. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { promisedPythons, pythonWith } from '../runtime/worker/python';
import { Worker } from '../runtime/worker/worker';

const EXAMPLE = join(import.meta.dirname, '..', '..', 'examples', 'iris');
const MODEL = join(EXAMPLE, 'model');

const trained = mkdtempSync(join(tmpdir(), 'iris-'));
let python: string;
let printed: string;

beforeAll(() => {
  python = pythonWith(join(EXAMPLE, 'train', 'requirements.txt'));
  printed = train(trained);
}, 300_000);

afterAll(() => rmSync(trained, { recursive: true }));

/** What the training script prints. */
function train(directory: string, variables: Record<string, string> = {}): string {
  const env = { ...process.env, ...variables };
  return execFileSync(python, [join(EXAMPLE, 'train', 'train.py'), directory], { encoding: 'utf8', env });
}

const json = (...path: string[]) => JSON.parse(readFileSync(join(...path), 'utf8'));
const samples = readdirSync(join(MODEL, 'samples'));

test('training prints the accuracy on flowers held back', () => {
  const [, accuracy] = /^accuracy (0\.\d{3}) on 50 held-out flowers$/m.exec(printed) ?? [];
  expect(Number(accuracy)).toBeGreaterThan(0.93);
});

test('the exported model is the one that training makes, to the last digit', () => {
  const model = json(MODEL, 'model.json');
  expect([...model.coefficients.flat(), ...model.intercepts]).toHaveLength(15);
  expect(model).toEqual(json(trained, 'model.json'));
});

test.each(samples)('%s is the sample that training writes', (name) => {
  expect(json(MODEL, 'samples', name)).toEqual(json(trained, 'samples', name));
});

test('another processor trains the same model', () => {
  const elsewhere = mkdtempSync(join(tmpdir(), 'iris-'));
  onTestFinished(() => rmSync(elsewhere, { recursive: true }));
  // OpenBLAS takes the kernels of an old processor, whose sums end in other digits.
  train(elsewhere, { OPENBLAS_CORETYPE: 'Prescott', OPENBLAS_NUM_THREADS: '1' });
  expect(json(trained, 'model.json')).toEqual(json(elsewhere, 'model.json'));
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
