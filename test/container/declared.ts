/** A model directory declared as an API, synthesized, and its image built: what `cdk deploy` would publish and run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import type { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { Access, ModelApi, type ModelApiProps, type ModelHandler } from 'cdk-model-api';
import type { FixedAnswer } from '../setup/load-balancer';
import { buildImages } from './build';
import type { TaskDefinition } from './run-task';
import { fallbackIn, type Resources, rulesIn, targetsOf } from './template';

export interface Declared {
  readonly task: TaskDefinition;
  /** The id of the built image. */
  readonly image: string;
}

/** An API to which a listener rule leads. */
export interface Routed extends Declared {
  /** Of the paths that the rule matches. */
  readonly patterns: readonly string[];
}

export interface Entrance {
  /** In the order in which the load balancer asks their rules. */
  readonly apis: readonly Routed[];
  readonly otherwise: FixedAnswer;
}

/** An API with nothing said but what must be, and what the test says. */
export function declare(handler: ModelHandler, props: Partial<ModelApiProps> = {}): Routed {
  return declareIn((app) => {
    const stack = new Stack(app, 'Container');
    const config = { region: stack.region };
    new ModelApi(stack, 'Model', { handler, access: Access.internal(), config, ...props });
  });
}

/** The one API of an app. */
export function declareIn(define: (app: App) => void): Routed {
  const { apis } = declareEntrance(define);
  return apis[0];
}

/** The APIs of an app, and the way to them. */
export function declareEntrance(define: (app: App) => void): Entrance {
  return synthesized(define, (assembly) => {
    const images = buildImages(assembly);
    const { Resources } = assembly.stacks[0].template as { Resources: Resources };
    const apis = rulesIn(Resources).map(({ patterns, targetGroup }) => {
      const task = targetsOf(Resources, targetGroup);
      return { patterns, task, image: imageOf(task, images) };
    });
    return { apis, otherwise: fallbackIn(Resources) };
  });
}

/** Under the strictest umask that a checkout may have had: an image must not depend on it. */
function synthesized<T>(define: (app: App) => void, use: (assembly: CloudAssembly) => T): T {
  const umask = process.umask(0o077);
  const outdir = mkdtempSync(join(tmpdir(), 'model-api-container-'));
  try {
    const app = new App({ outdir });
    define(app);
    return use(app.synth());
  } finally {
    process.umask(umask);
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** A task names its image by the hash of the asset. */
function imageOf(task: TaskDefinition, images: Record<string, string>): string {
  const name = JSON.stringify(task.ContainerDefinitions[0].Image);
  const found = Object.entries(images).find(([hash]) => name.includes(hash));
  if (found === undefined) throw new Error(`no image asset for ${name}`);
  return found[1];
}
