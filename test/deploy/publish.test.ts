/**
 * `cdk publish-assets` builds the image of `examples/iris` with the real Docker engine and pushes it to a real registry,
 * which moto names as the bootstrap repository's address.
 */
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ensureBaseImages } from '../setup/base-images';
import { ACCOUNT, type MotoServer, REGION, startMoto } from '../setup/moto/server';
import { describeWith } from '../setup/needs';
import { type Registry, startRegistry } from '../setup/registry';
import { type Assembly, synthesize } from './cdk';
import { ENVIRONMENT } from './deployment';

const REPOSITORY = `cdk-hnb659fds-container-assets-${ACCOUNT}-${REGION}`;

describeWith(['docker', 'registry', 'moto'], 'cdk publish-assets of examples/iris', () => {
  let registry: Registry;
  let moto: MotoServer;
  let assembly: Assembly;
  let image: string;

  beforeAll(async () => {
    ensureBaseImages();
    registry = await startRegistry();
    moto = await startMoto(registry.address);
    assembly = await synthesize(moto, 'iris');
    image = `${registry.address}/${REPOSITORY}:${assembly.images[0]}`;
    await assembly.cdk('bootstrap', ENVIRONMENT);
    await assembly.cdk('publish-assets', assembly.selector, '--unstable=publish-assets', '--yes');
  }, 600_000);
  afterAll(async () => {
    spawnSync('docker', ['image', 'rm', '--force', image]);
    assembly?.remove();
    await moto?.stop();
    await registry?.stop();
  });

  test('the stack has one image', () => {
    expect(assembly.images).toHaveLength(1);
  });

  test('the registry has its manifest under the hash of its sources', async () => {
    const accept = 'application/vnd.docker.distribution.manifest.v2+json';
    const url = `http://${registry.address}/v2/${REPOSITORY}/manifests/${assembly.images[0]}`;
    const manifest = await fetch(url, { headers: { accept } });
    expect(manifest.status).toBe(200);
    const { layers } = (await manifest.json()) as { layers: unknown[] };
    expect(layers.length).toBeGreaterThan(1);
  });

  test('an engine that does not have the image pulls it', () => {
    const docker = (...args: string[]) => spawnSync('docker', args, { encoding: 'utf8' });
    docker('image', 'rm', image);
    expect(docker('image', 'inspect', image).status).not.toBe(0);
    expect(docker('pull', '--quiet', image).stdout.trim()).toBe(image);
    const user = docker('image', 'inspect', '--format', '{{.Config.User}}', image);
    expect(user.stdout.trim()).toBe('10001:10001');
  });
});
