/** An empty TypeScript app with the packed package and its peers, in a folder of its own. */
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from './command';

const ROOT = join(__dirname, '../..');
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
  const install = ['install', '--prefer-offline', '--no-audit', '--no-fund'];
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'app', private: true }));
  await command(folder, 'npm', [...install, tarball, ...Object.keys(peerDependencies).map(pinned)]);
  await command(folder, 'npm', [...install, '--save-dev', ...['typescript', '@types/node'].map(pinned)]);
}

function pinned(name: string): string {
  return `${name}@${devDependencies[name]}`;
}

/** Type-checks the app with every declaration it imports, and runs it; returns the folder of the assembly. */
export async function synthesizeTypeScriptApp(folder: string): Promise<string> {
  const options = { strict: true, target: 'ES2022', module: 'node20', types: ['node'] };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['app.ts'] }));
  await command(folder, 'npx', ['tsc']);
  await command(folder, process.execPath, ['app.js'], { CDK_OUTDIR: 'typescript.out' });
  return join(folder, 'typescript.out');
}
