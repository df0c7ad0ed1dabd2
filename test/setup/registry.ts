/** A container registry of a test's own (Debian's `docker-registry`), on a loopback port, emptied when it stops. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port';

export interface Registry {
  /** `host:port`, as it stands before an image's name. An engine speaks plain HTTP to loopback. */
  readonly address: string;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 10_000;

export async function startRegistry(): Promise<Registry> {
  const address = `127.0.0.1:${await freePort()}`;
  const folder = mkdtempSync(join(tmpdir(), 'model-api-registry-'));
  const configuration = join(folder, 'registry.yml');
  const storage = { filesystem: { rootdirectory: join(folder, 'images') } };
  writeFileSync(configuration, JSON.stringify({ version: 0.1, storage, http: { addr: address } }));
  const server = spawn('docker-registry', ['serve', configuration], { stdio: 'ignore' });
  await answering(`http://${address}/v2/`);
  const stop = async () => {
    const exited = once(server, 'exit');
    server.kill();
    await exited;
    rmSync(folder, { recursive: true, force: true });
  };
  return { address, stop };
}

async function answering(url: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`docker-registry did not answer at ${url} within ${START_TIMEOUT_MS} ms`);
}
