/** A moto server of a test's own: started on a free port, empty, stopped at the end. Keeps no state between runs. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** The virtual environment that `test/setup/requirements.txt` is installed into. */
const PYTHON = join(__dirname, '../../../node_modules/.cache/moto/bin/python');

export const ACCOUNT = '123456789012';
export const REGION = 'us-east-1';

export interface MotoServer {
  readonly endpoint: string;
  /** What points the AWS SDK, and with it the CDK's command line, at this server and at nothing else. */
  readonly environment: Record<string, string>;
  stop(): Promise<void>;
}

export function motoInstalled(): boolean {
  return existsSync(PYTHON);
}

/** `registry` is the `host:port` that container images are pushed to, `host` the address to listen on. */
export async function startMoto(registry = '', host = '127.0.0.1'): Promise<MotoServer> {
  const env = {
    ...process.env,
    MODEL_API_TEST_REGISTRY: registry,
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONUNBUFFERED: '1',
  };
  const server = spawn(PYTHON, [join(__dirname, 'server.py'), '--host', host, '--port', '0'], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const endpoint = await address(server);
  return { endpoint, environment: environmentFor(endpoint), stop: () => stop(server) };
}

/** Werkzeug prints the port it chose; what it printed before is the error when it never does. */
async function address(server: ChildProcess): Promise<string> {
  const printed: string[] = [];
  if (server.stderr === null) throw new Error('moto was started without a pipe for what it prints');
  for await (const line of createInterface(server.stderr)) {
    const [found] = /http:\/\/[\d.]+:\d+/.exec(line) ?? [];
    if (found !== undefined) {
      server.stderr.resume();
      return found;
    }
    printed.push(line);
  }
  throw new Error(`moto did not start:\n${printed.join('\n')}`);
}

async function stop(server: ChildProcess): Promise<void> {
  const exited = once(server, 'exit');
  server.kill();
  await exited;
}

function environmentFor(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: REGION,
    AWS_EC2_METADATA_DISABLED: 'true',
    NO_PROXY: '127.0.0.1',
  };
}
