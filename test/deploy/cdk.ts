/** The CDK's own command line, run against a moto server as a user would run it against AWS. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { MotoServer } from '../setup/moto/server';

const ROOT = join(__dirname, '../..');
const CLI = join(ROOT, 'node_modules/aws-cdk/bin/cdk');

/** The stack of `examples/iris`, as `bin/app.ts` names it. */
export const STACK = 'iris-example';

export interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly Properties?: Record<string, unknown>;
}

export interface Template {
  readonly Resources: Record<string, Resource>;
}

/** A synthesized app: the command line and the test read the very same template. */
export interface Assembly {
  readonly template: Template;
  /** Tags of the container images that the stack's assets become: the hashes of their sources. */
  readonly images: string[];
  /** Runs one CDK command on it; a failing one throws with all that it printed. */
  cdk(...args: string[]): Promise<string>;
  remove(): void;
}

/** Synthesizes the examples in a folder of their own, since the command line keeps what it looks up beside `cdk.json`. */
export async function synthesize(server: MotoServer): Promise<Assembly> {
  const folder = mkdtempSync(join(tmpdir(), 'model-api-deploy-'));
  writeFileSync(join(folder, 'cdk.json'), JSON.stringify(configuration()));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const cdk = (...args: string[]) => run(server, folder, args);
  await cdk('synth', STACK, '--quiet', '--output', join(folder, 'cdk.out')).catch((error) => {
    remove();
    throw error;
  });
  const read = (file: string) => JSON.parse(readFileSync(join(folder, 'cdk.out', file), 'utf8'));
  return {
    template: read(`${STACK}.template.json`),
    images: Object.keys(read(`${STACK}.assets.json`).dockerImages),
    cdk: (command, ...args) => cdk(command as string, '--app', 'cdk.out', ...args),
    remove,
  };
}

/**
 * What the repository's `cdk.json` says, without the custom resource that closes a VPC's default security group: moto
 * would run its function in a container image that it pulls.
 */
function configuration(): object {
  const { app, context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'));
  return {
    app: `cd '${ROOT}' && ${app}`,
    context: { ...context, '@aws-cdk/aws-ec2:restrictDefaultSecurityGroup': false },
    versionReporting: false,
    notices: false,
  };
}

async function run(server: MotoServer, folder: string, args: readonly string[]): Promise<string> {
  // A Docker configuration of its own: logging in to the local registry must not touch the user's.
  const quiet = {
    CDK_DISABLE_CLI_TELEMETRY: 'true',
    NODE_NO_WARNINGS: '1',
    DOCKER_BUILDKIT: '0',
    DOCKER_CONFIG: folder,
  };
  const env = { ...process.env, ...quiet, ...server.environment };
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [CLI, ...args, '--ci'], {
      cwd: folder,
      env,
    });
    return stdout + stderr;
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
    throw new Error(`cdk ${args.join(' ')} failed: ${message}\n${stdout}${stderr}`);
  }
}
