// Builds what the package ships: the bundles (gateway, probe, command line) and, unless asked for `bundles` alone,
// the construct library by jsii. Bundles take well under a second, so every entry point rebuilds them.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { licenses } from './licenses.mjs';

const root = join(fileURLToPath(import.meta.url), '..', '..');

// CommonJS dependencies inside an ES module bundle still call require() for Node's own modules.
const REQUIRE =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

const BUNDLES = {
  gateway: { entry: 'runtime/gateway/main.ts', outdir: 'runtime/dist/gateway' },
  // Lambda's Node runtime brings the AWS SDK.
  probe: { entry: 'runtime/probe/index.ts', outdir: 'runtime/dist/probe', external: ['@aws-sdk/*'] },
  cli: { entry: 'bin/model-api.ts', outdir: 'bin/dist' },
};

/** Builds every bundle; resolves to esbuild's metafiles by name. */
export async function bundles() {
  const built = await Promise.all(Object.entries(BUNDLES).map(async ([name, bundle]) => [name, await write(bundle)]));
  return Object.fromEntries(built);
}

async function write({ entry, outdir, external }) {
  const { metafile, outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outdir,
    external,
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    minify: true,
    keepNames: true,
    legalComments: 'none',
    banner: { js: REQUIRE },
    outExtension: { '.js': '.mjs' },
    logLevel: 'warning',
    metafile: true,
    write: false,
  });
  for (const { path, contents } of outputFiles) replace(path, contents, 0o755);
  const texts = licenses(root, metafile);
  if (texts) replace(join(root, outdir, 'THIRD-PARTY-LICENSES.txt'), texts, 0o644);
  removeStale(join(root, outdir), new Set(outputFiles.map((file) => basename(file.path))));
  return metafile;
}

/** By rename, so that a process that starts from the bundle meanwhile sees the old one or the new one whole. */
function replace(path, contents, mode) {
  mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, contents);
  chmodSync(temporary, mode);
  renameSync(temporary, path);
}

function removeStale(folder, current) {
  for (const file of readdirSync(folder)) if (file.endsWith('.mjs') && !current.has(file)) rmSync(join(folder, file));
}

/** Compiles `lib/` and `runtime/contract/` in place and writes `.jsii`. */
function library() {
  const { status } = spawnSync(join(root, 'node_modules/.bin/jsii'), ['--silence-warnings=reserved-word'], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '1' },
  });
  if (status !== 0) process.exit(status ?? 1);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await bundles();
  if (process.argv[2] !== 'bundles') library();
}
