/**
 * Makes one environment: by uv where it is installed, else by venv and pip. A lock can only be read by uv, so without
 * one pip installs uv into the new environment first. What the installer says when it fails is passed on unchanged.
 */
import { join } from 'node:path';
import type { Dependencies } from '../../lib/image/dependencies';
import { CommandFailure, EXIT } from '../failure';
import type { ModelDirectory } from '../model-directory';
import { type RunOptions, run } from '../run';
import type { Python } from './find';
import { blamedRequirement } from './requirement-line';

export interface Installation {
  readonly model: ModelDirectory;
  readonly dependencies: Dependencies;
  readonly python: Python;
  /** Where the environment is made; it does not exist yet. */
  readonly home: string;
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => void;
}

export async function install(installation: Installation): Promise<void> {
  const { python, home } = installation;
  const interpreter = join(home, 'bin', 'python');
  if ((await run('uv', ['--version'], { signal: installation.signal })).ok) {
    await step(installation, 'uv', ['venv', '--no-project', '--python', python.executable, home]);
    return installWith('uv', interpreter, installation);
  }
  await step(installation, python.executable, ['-m', 'venv', home]);
  if (installation.dependencies.installer === 'pip') {
    return step(installation, interpreter, ['-m', 'pip', 'install', '--no-input', '-r', 'requirements.txt']);
  }
  await step(installation, interpreter, ['-m', 'pip', 'install', '--no-input', 'uv']);
  return installWith(join(home, 'bin', 'uv'), interpreter, installation);
}

function installWith(uv: string, interpreter: string, installation: Installation): Promise<void> {
  if (installation.dependencies.installer === 'pip') {
    return step(installation, uv, ['pip', 'install', '--python', interpreter, '-r', 'requirements.txt']);
  }
  // The lock is taken as it is, the model's own folder is not a package, and what uv itself needs stays installed.
  const sync = ['sync', '--frozen', '--no-dev', '--no-install-project', '--inexact', '--no-python-downloads'];
  return step(installation, uv, [...sync, '--python', interpreter], { UV_PROJECT_ENVIRONMENT: installation.home });
}

async function step(
  installation: Installation,
  command: string,
  args: string[],
  variables: NodeJS.ProcessEnv = {},
): Promise<void> {
  const options: RunOptions = {
    cwd: installation.model.path,
    env: { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: '1', ...variables },
    signal: installation.signal,
    onLine: installation.onLine,
  };
  const result = await run(command, args, options);
  if (!result.ok) throw installFailure(installation, result.stderr || result.stdout);
}

function installFailure({ model, dependencies }: Installation, said: string): CommandFailure {
  const blamed = blamedRequirement(model.path, dependencies.files, said);
  const names = dependencies.installer === 'uv' ? 'uv.lock' : 'requirements.txt';
  return new CommandFailure(
    'install_failed',
    EXIT.handlerNotLoaded,
    blamed ? `${names} cannot be installed: see line ${blamed.line}.` : `${names} cannot be installed.`,
    { ...blamed, evidence: said, hint: installHint(said) },
  );
}

function installHint(said: string): string {
  if (said.includes('ensurepip')) return 'Install the venv module ("apt install python3-venv"), or uv.';
  return 'Correct the line, or check the network and the package index, and run the command again.';
}
