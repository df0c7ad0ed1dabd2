/** A model directory declared as an API, synthesized, and its image built: what `cdk deploy` would publish and run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import type { AssetManifestArtifact, CloudAssembly } from 'aws-cdk-lib/cx-api';
import { Access, ModelApi, type ModelHandler } from 'cdk-model-api';
import { ensureBaseImages } from '../setup/base-images';
import { docker } from './docker';
import type { TaskDefinition } from './run-task';

export interface Declared {
  readonly task: TaskDefinition;
  /** The id of the built image. */
  readonly image: string;
}

/** An API with nothing said but what must be. */
export function declare(handler: ModelHandler): Declared {
  return declareIn((app) => {
    const stack = new Stack(app, 'Container');
    new ModelApi(stack, 'Model', { handler, access: Access.internal(), config: { region: stack.region } });
  });
}

/** Under the strictest umask that a checkout may have had: an image must not depend on it. */
export function declareIn(define: (app: App) => void): Declared {
  const umask = process.umask(0o077);
  const outdir = mkdtempSync(join(tmpdir(), 'model-api-container-'));
  try {
    const app = new App({ outdir });
    define(app);
    const assembly = app.synth();
    return { task: taskIn(assembly), image: build(assembly) };
  } finally {
    process.umask(umask);
    rmSync(outdir, { recursive: true, force: true });
  }
}

function taskIn(assembly: CloudAssembly): TaskDefinition {
  const { Resources } = assembly.stacks[0].template as {
    Resources: Record<string, { Type: string; Properties: TaskDefinition }>;
  };
  const [task] = Object.values(Resources).filter(({ Type }) => Type === 'AWS::ECS::TaskDefinition');
  return task.Properties;
}

/** Builds the one image asset as `cdk deploy` does: its folder, its arguments, its platform. */
function build(assembly: CloudAssembly): string {
  ensureBaseImages();
  const manifests = assembly.artifacts.filter((artifact) => 'contents' in artifact) as AssetManifestArtifact[];
  const [{ source }] = manifests.flatMap((manifest) => Object.values(manifest.contents.dockerImages ?? {}));
  const args = Object.entries(source.dockerBuildArgs ?? {}).flatMap(([name, value]) => [
    '--build-arg',
    `${name}=${value}`,
  ]);
  const id = docker(
    'build',
    '--quiet',
    '--force-rm',
    '--platform',
    source.platform ?? '',
    ...args,
    join(assembly.directory, source.directory ?? ''),
  );
  const mebibytes = Number(docker('image', 'inspect', '--format', '{{.Size}}', id)) / 1024 / 1024;
  console.log(`image of ${source.directory}: ${mebibytes.toFixed(0)} MiB`);
  return id;
}
