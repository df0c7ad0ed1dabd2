/**
 * Python apps with the package's wheel, which jsii-pacmak makes from an installed package. The wheel of aws-cdk-lib is
 * made the same way, from the very version that npm installed: on PyPI it may come days later. It takes minutes, and is
 * kept by version.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { command } from './command';

const ROOT = join(__dirname, '../..');
const CACHE = join(ROOT, 'node_modules/.cache/wheels');
const EXAMPLE = 'examples/iris-python';

/** `app` is a folder in which npm has installed the package and its peers. */
export async function installPythonApps(app: string): Promise<void> {
  const modules = join(app, 'node_modules');
  const cdk = await cached(join(modules, 'aws-cdk-lib'));
  await makeWheel(join(modules, 'cdk-model-api'), join(app, 'wheels'));
  await command(app, 'python3', ['-m', 'venv', 'venv']);
  const sources = ['--find-links', cdk, '--find-links', 'wheels'];
  await command(app, 'venv/bin/pip', ['install', '--quiet', ...sources, '-r', `${EXAMPLE}/requirements.txt`]);
}

/** Runs the twin of `app.ts` and the example side by side; returns the folders of their assemblies. */
export async function synthesizePythonApps(app: string): Promise<{ twin: string; example: string }> {
  const [twin, example] = [join(app, 'python.out'), join(app, 'example.out')];
  const { context } = JSON.parse(readFileSync(join(app, EXAMPLE, 'cdk.json'), 'utf8'));
  const flags = { CDK_CONTEXT_JSON: JSON.stringify(context) };
  await Promise.all([
    command(app, 'venv/bin/python', ['app.py'], { CDK_OUTDIR: twin, ...flags }),
    command(join(app, EXAMPLE), join(app, 'venv/bin/python'), ['app.py'], { CDK_OUTDIR: example, ...flags }),
  ]);
  return { twin, example };
}

async function cached(source: string): Promise<string> {
  const { name, version } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8'));
  const folder = join(CACHE, `${name}-${version}`);
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.${process.pid}`;
  await makeWheel(source, unfinished);
  renameSync(unfinished, folder);
  return folder;
}

/** Leaves the wheel alone in a folder, whose name ends up in no artifact. */
async function makeWheel(source: string, folder: string): Promise<void> {
  const code = join(folder, 'code');
  mkdirSync(folder, { recursive: true });
  const options = ['--targets', 'python', '--code-only', '--no-npmignore', '--outdir', code];
  // The installed package is packed again as it is: what built it is not installed with it.
  const asIs = { npm_config_ignore_scripts: 'true' };
  await command(ROOT, 'npx', ['jsii-pacmak', ...options, source], asIs);
  await command(ROOT, 'python3', ['-m', 'pip', 'wheel', '--quiet', '--no-deps', '-w', folder, join(code, 'python')]);
  rmSync(code, { recursive: true });
  if (!readdirSync(folder).some((file) => file.endsWith('.whl'))) throw new Error(`no wheel of ${source} was made`);
}
