/** The words that tests of the pack are written in: an app with the pack, what it found there, and APIs for it to judge. */
import { join } from 'node:path';
import { type App, type Stack, Validations } from 'aws-cdk-lib';
import type { CfnTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { type ModelApi, type ModelApiProps, ModelHandler, ModelServingChecks, Testing } from 'cdk-model-api';
import type { IConstruct } from 'constructs';
import { onTestFinished, vi } from 'vitest';
import { findingsOf, testApp } from '../assembly';
import { apiIn, stackIn } from '../declaration';
import { type Foreign, type ForeignOptions, foreignIn } from './foreign';

const ROOT = join(import.meta.dirname, '../../..');
export const WITH_SAMPLES = join(ROOT, 'examples/iris/model');
export const WITHOUT_SAMPLES = join(ROOT, 'test/fixtures/handlers/echo');

/** Its images are built where they are the subject: to stage them takes most of a synthesis. */
export function checkedApp({ isBuilt = false } = {}): App {
  silence();
  const app = testApp();
  if (!isBuilt) Testing.stubImages(app);
  Validations.of(app).addPlugins(new ModelServingChecks(app));
  return app;
}

/** The CDK prints what does not stop a synthesis. */
export function silence(): void {
  const spy = vi.spyOn(console, 'error').mockImplementation(() => {});
  onTestFinished(() => spy.mockRestore());
}

/** What the pack found in an app, without its name: `level rule path`. */
export function foundIn({ node }: IConstruct): string[] {
  return findingsOf(node.root as App).map((finding) => finding.replace('ModelServing-', ''));
}

/** What the pack finds in a stack of its own. */
export function found(declare: (stack: Stack) => unknown, app: App = checkedApp()): string[] {
  const stack = stackIn(app);
  declare(stack);
  return foundIn(stack);
}

/** The same where images are built. */
export function foundInBuilt(declare: (stack: Stack) => unknown): string[] {
  return found(declare, checkedApp({ isBuilt: true }));
}

/** What it finds in a hand-made service, with something done to it. */
export function foundInForeign(
  options: ForeignOptions = {},
  change: (foreign: Foreign) => unknown = () => {},
): string[] {
  return found((stack) => change(foreignIn(stack, options)));
}

/** What it finds in an API, with something done to it. */
export function foundInOurs(
  props: Partial<ModelApiProps> = {},
  change: (api: ModelApi) => unknown = () => {},
): string[] {
  return found((stack) => change(ours(stack, props)));
}

export function ours(stack: Stack, props: Partial<ModelApiProps> = {}): ModelApi {
  return apiIn(stack, { handler: ModelHandler.fromDirectory(WITH_SAMPLES), ...props });
}

/** By an override, for a task definition of Fargate takes no GPU. */
export function giveGpu({ node }: IConstruct): void {
  const path = 'ContainerDefinitions.0.ResourceRequirements';
  (node.defaultChild as CfnTaskDefinition).addPropertyOverride(path, [{ Type: 'GPU', Value: '1' }]);
}
