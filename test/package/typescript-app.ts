/** A TypeScript app with the packed package, its peers and the examples, in a folder of its own. */
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from './command';

const ROOT = join(__dirname, '../..');

/** What working in an example may have left there. */
const LEFTOVER = /(^|\/)(\.venv|cdk\.out|__pycache__|node_modules)$/;

const { devDependencies, peerDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** Builds and packs as `npm publish` does; returns the tarball. */
export async function pack(folder: string): Promise<string> {
  await command(ROOT, 'npm', ['pack', '--pack-destination', folder]);
  const [tarball] = readdirSync(folder).filter((file) => file.endsWith('.tgz'));
  return join(folder, tarball as string);
}

/** Installs the lowest versions of the peers that the package promises to work with. */
export async function installTypeScriptApp(folder: string, tarball: string): Promise<void> {
  cpSync(join(__dirname, 'app'), folder, { recursive: true });
  const filter = (file: string) => !LEFTOVER.test(file);
  cpSync(join(ROOT, 'examples'), join(folder, 'examples'), { recursive: true, filter });
  const install = ['install', '--prefer-offline', '--no-audit', '--no-fund'];
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'app', private: true }));
  await command(folder, 'npm', [...install, tarball, ...Object.keys(peerDependencies).map(pinned)]);
  await command(folder, 'npm', [...install, '--save-dev', ...['typescript', '@types/node'].map(pinned)]);
}

function pinned(name: string): string {
  return `${name}@${devDependencies[name]}`;
}

/** Type-checks app and examples with every declaration they import, and runs the app; returns the assembly's folder. */
export async function synthesizeTypeScriptApp(folder: string): Promise<string> {
  const options = { strict: true, target: 'ES2022', module: 'node20', types: ['node'] };
  const examples = readdirSync(join(folder, 'examples')).map((name) => join('examples', name, 'stack.ts'));
  const files = ['app.ts', ...examples.filter((file) => existsSync(join(folder, file)))];
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files }));
  await command(folder, 'npx', ['tsc']);
  const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8'));
  const env = { CDK_OUTDIR: 'typescript.out', CDK_CONTEXT_JSON: JSON.stringify(context) };
  await command(folder, process.execPath, ['app.js'], env);
  return join(folder, 'typescript.out');
}
