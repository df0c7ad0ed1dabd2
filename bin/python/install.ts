/**
 * Makes one environment: by uv where it is installed, else by venv and pip. A lock can only be read by uv, so without
 * one pip installs uv into the new environment first. What the installer says when it fails is passed on unchanged.
 */
import { join } from 'node:path';
import type { Dependencies } from '../../lib/image/dependencies';
import { CommandFailure, EXIT } from '../failure';
import type { ModelDirectory } from '../model-directory';
import { run } from '../run';
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
  const { python, home, signal, dependencies } = installation;
  if ((await run('uv', ['--version'], { signal })).ok) {
    await step(installation, ['uv', 'venv', '--no-project', '--python', python.executable, home]);
    return installByUv('uv', installation);
  }
  const pip = await makeWithPip(installation);
  if (dependencies.installer === 'pip') return step(installation, [...pip, '-r', 'requirements.txt']);
  await step(installation, [...pip, 'uv']);
  return installByUv(join(home, 'bin', 'uv'), installation);
}

/** `pip --python` came with 22.3. */
const PIP_WITH_PYTHON_OPTION = /^pip (2[3-9]|[3-9]\d|22\.3)/;

/** An environment, and the command that installs into it. Made without a pip of its own it takes a tenth of the time. */
async function makeWithPip(installation: Installation): Promise<string[]> {
  const { python, home, signal } = installation;
  const { stdout } = await run(python.executable, ['-m', 'pip', '--version'], { signal });
  if (PIP_WITH_PYTHON_OPTION.test(stdout)) {
    await step(installation, [python.executable, '-m', 'venv', '--without-pip', home]);
    return [python.executable, '-m', 'pip', '--python', interpreterOf(home), 'install', '--no-input'];
  }
  await step(installation, [python.executable, '-m', 'venv', home]);
  return [interpreterOf(home), '-m', 'pip', 'install', '--no-input'];
}

function installByUv(uv: string, installation: Installation): Promise<void> {
  const python = ['--python', interpreterOf(installation.home)];
  if (installation.dependencies.installer === 'pip') {
    return step(installation, [uv, 'pip', 'install', ...python, '-r', 'requirements.txt']);
  }
  // As in the image: the lock is taken as it is, and the model's folder is no package. uv itself stays installed.
  const sync = ['sync', '--frozen', '--no-dev', '--no-install-project', '--inexact', '--no-python-downloads'];
  return step(installation, [uv, ...sync, ...python], { UV_PROJECT_ENVIRONMENT: installation.home });
}

function interpreterOf(home: string): string {
  return join(home, 'bin', 'python');
}

async function step(installation: Installation, argv: string[], variables: NodeJS.ProcessEnv = {}): Promise<void> {
  const [command, ...args] = argv;
  const result = await run(command, args, {
    cwd: installation.model.path,
    env: { ...process.env, PIP_DISABLE_PIP_VERSION_CHECK: '1', ...variables },
    signal: installation.signal,
    onLine: installation.onLine,
  });
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
  return 'Correct the line, or check the network and the package index.';
}
