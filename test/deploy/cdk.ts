/** The CDK's own command line, run against a moto server as a user would run it against AWS. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { MotoServer } from '../setup/moto/server';

const ROOT = join(__dirname, '../..');
const CLI = join(ROOT, 'node_modules/aws-cdk/bin/cdk');

export interface Resource {
  readonly Type: string;
  readonly DeletionPolicy?: string;
  readonly Properties?: Record<string, unknown>;
}

export interface Template {
  readonly Resources: Record<string, Resource>;
}

export interface SynthesizedStack {
  readonly stackName: string;
  readonly template: Template;
}

/** A synthesized example: the command line and the test read the very same templates. */
export interface Assembly {
  /** How the command line calls all stacks of the example. */
  readonly selector: string;
  /** In the order in which they are deployed. */
  readonly stacks: readonly SynthesizedStack[];
  /** Tags of the container images that the stacks' assets become: the hashes of their sources. */
  readonly images: readonly string[];
  /** Runs one CDK command on it; a failing one throws with all that it printed. */
  cdk(...args: string[]): Promise<string>;
  remove(): void;
}

/** Context of the CDK app that is not the repository's own. */
export type Context = Record<string, unknown>;

/** Synthesizes the examples in a folder of their own, since the command line keeps what it looks up beside `cdk.json`. */
export async function synthesize(server: MotoServer, example: string, context: Context = {}): Promise<Assembly> {
  const folder = mkdtempSync(join(tmpdir(), 'model-api-deploy-'));
  writeFileSync(join(folder, 'cdk.json'), JSON.stringify(configuration(context)));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const cdk = (...args: string[]) => run(server, folder, args);
  await cdk('synth', '**', '--quiet', '--output', join(folder, 'cdk.out')).catch((error) => {
    remove();
    throw error;
  });
  const { selector, stacks, images } = synthesized(join(folder, 'cdk.out'), `${example}-example`);
  return {
    selector,
    stacks,
    images,
    cdk: (command, ...args) => cdk(command as string, '--app', 'cdk.out', ...args),
    remove,
  };
}

/** A stage is an assembly inside the assembly, and its stacks are called by a pattern. */
function synthesized(folder: string, name: string): Pick<Assembly, 'selector' | 'stacks' | 'images'> {
  const stage = join(folder, `assembly-${name}`);
  const isStage = existsSync(stage);
  const stacks = stacksIn(isStage ? stage : folder).filter(({ id }) => isStage || id === name);
  return {
    selector: isStage ? `${name}/*` : name,
    stacks,
    images: [...new Set(stacks.flatMap(({ images }) => images))],
  };
}

/** Stacks come after those they depend on. */
function stacksIn(folder: string): (SynthesizedStack & { id: string; images: string[] })[] {
  const read = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const artifacts = Object.entries<Artifact>(read('manifest.json').artifacts);
  const stacks = artifacts.filter(([, { type }]) => type === 'aws:cloudformation:stack');
  return stacks.map(([id, { properties }]) => ({
    id,
    stackName: properties.stackName ?? id,
    template: read(properties.templateFile),
    images: Object.keys(read(`${id}.assets.json`).dockerImages ?? {}),
  }));
}

interface Artifact {
  readonly type: string;
  readonly properties: { readonly stackName?: string; readonly templateFile: string };
}

/**
 * What the repository's `cdk.json` says, without the custom resource that closes a VPC's default security group: moto
 * would run its function in a container image that it pulls.
 */
function configuration(further: Context): object {
  const { app, context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'));
  return {
    app: `cd '${ROOT}' && ${app}`,
    context: { ...context, '@aws-cdk/aws-ec2:restrictDefaultSecurityGroup': false, ...further },
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
