/** Builds the image assets of an assembly as `cdk deploy` does: its folder, its arguments, its platform. */
import { join } from 'node:path';
import type { AssetManifestArtifact, CloudAssembly } from 'aws-cdk-lib/cx-api';
import { ensureBaseImages } from '../setup/base-images';
import { docker } from './docker';

type Source = NonNullable<AssetManifestArtifact['contents']['dockerImages']>[string]['source'];

/** The ids of the built images, by the hashes of their assets. */
export function buildImages(assembly: CloudAssembly): Record<string, string> {
  ensureBaseImages();
  const manifests = assembly.artifacts.filter((artifact) => 'contents' in artifact) as AssetManifestArtifact[];
  const assets = manifests.flatMap((manifest) => Object.entries(manifest.contents.dockerImages ?? {}));
  return Object.fromEntries(assets.map(([hash, { source }]) => [hash, build(assembly.directory, source)]));
}

function build(directory: string, source: Source): string {
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
    join(directory, source.directory ?? ''),
  );
  const mebibytes = Number(docker('image', 'inspect', '--format', '{{.Size}}', id)) / 1024 / 1024;
  console.log(`image of ${source.directory}: ${mebibytes.toFixed(0)} MiB`);
  return id;
}
