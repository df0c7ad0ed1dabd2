/** What makes users' own snapshots quiet. */
import { appendFileSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { expect, onTestFinished, test } from 'vitest';
import { ModelHandler, Testing } from '../../lib';
import { testApp } from './assembly';
import { apiIn, stackIn } from './declaration';

const ECHO = join(__dirname, '../fixtures/handlers/echo');

function templateOf(directory: string, stubbed: boolean): unknown {
  const app = testApp();
  if (stubbed) Testing.stubImages(app);
  const stack = stackIn(app);
  apiIn(stack, { handler: ModelHandler.fromDirectory(directory) });
  return Template.fromStack(stack).toJSON();
}

/** A model directory before and after somebody worked on its code and its samples. */
function twoStates(): [string, string] {
  const folder = mkdtempSync(join(tmpdir(), 'testing-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [before, after] = [join(folder, 'before'), join(folder, 'after')];
  cpSync(ECHO, before, { recursive: true });
  cpSync(ECHO, after, { recursive: true });
  appendFileSync(join(after, 'predict.py'), '\n# one more line\n');
  cpSync(join(__dirname, '../../examples/iris/model/samples'), join(after, 'samples'), { recursive: true });
  return [before, after];
}

test('stubbed images keep a template as it is when the model changes', () => {
  const [before, after] = twoStates();
  expect(templateOf(after, true)).toEqual(templateOf(before, true));
});

test('images that are not stubbed show that the model has changed', () => {
  const [before, after] = twoStates();
  expect(templateOf(after, false)).not.toEqual(templateOf(before, false));
});

test('stubbing after the first stack is refused with the stack that came too early', () => {
  const app = new App();
  new Stack(app, 'Early');
  expect(() => Testing.stubImages(app)).toThrow(
    "Testing.stubImages(app) must come before the app's first stack (Early is there already)",
  );
});
