/** The words that tests of the pack are written in: an app with the pack, what it found there, and APIs for it to judge. */
import { join } from 'node:path';
import { type App, type Stack, Validations } from 'aws-cdk-lib';
import type { CfnTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { type ModelApi, type ModelApiProps, ModelHandler, ModelServingChecks } from 'cdk-model-api';
import type { IConstruct } from 'constructs';
import { findingsOf, testApp } from '../assembly';
import { apiIn, stackIn } from '../declaration';
import { type Foreign, type ForeignOptions, foreignIn } from './foreign';

const ROOT = join(import.meta.dirname, '../../..');
export const WITH_SAMPLES = join(ROOT, 'examples/iris/model');
export const WITHOUT_SAMPLES = join(ROOT, 'test/fixtures/handlers/echo');

export function checkedApp(): App {
  const app = testApp();
  Validations.of(app).addPlugins(new ModelServingChecks(app));
  return app;
}

/** What the pack found below a stack, without its name: `level rule path`. */
export function foundIn({ node }: IConstruct): string[] {
  return findingsOf(node.root as App).map((finding) => finding.replace('ModelServing-', ''));
}

/** What the pack finds in a stack of its own. */
export function found(declare: (stack: Stack) => unknown): string[] {
  const stack = stackIn(checkedApp());
  declare(stack);
  return foundIn(stack);
}

/** What it finds in a hand-made service, with something done to it. */
export function foundInForeign(options: ForeignOptions = {}, change: (foreign: Foreign) => unknown = () => {}): string[] {
  return found((stack) => change(foreignIn(stack, options)));
}

/** What it finds in an API whose image is built from a directory, with something done to it. */
export function foundInOurs(props: Partial<ModelApiProps> = {}, change: (api: ModelApi) => unknown = () => {}): string[] {
  return found((stack) => change(ours(stack, props)));
}

export function ours(stack: Stack, props: Partial<ModelApiProps> = {}): ModelApi {
  return apiIn(stack, { handler: ModelHandler.fromDirectory(WITH_SAMPLES), ...props });
}

/** By an override, for a task definition of Fargate takes no GPU. */
export function giveGpu({ node }: IConstruct): void {
  const requirements = [{ Type: 'GPU', Value: '1' }];
  (node.defaultChild as CfnTaskDefinition).addPropertyOverride('ContainerDefinitions.0.ResourceRequirements', requirements);
}
