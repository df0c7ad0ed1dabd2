// Builds what the package ships: the bundles (gateway, probe, command line) and, unless asked for `bundles` alone,
// the construct library by jsii. Bundles take well under a second, so every entry point rebuilds them.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = join(fileURLToPath(import.meta.url), '..', '..');

// CommonJS dependencies inside an ES module bundle still call require() for Node's own modules.
const REQUIRE = "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

const shared = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'esm',
  minify: true,
  keepNames: true,
  legalComments: 'none',
  outExtension: { '.js': '.mjs' },
  logLevel: 'warning',
  metafile: true,
};

/** Builds every bundle; resolves to esbuild's metafiles by name. */
export async function bundles() {
  for (const folder of ['runtime/dist', 'bin/dist']) rmSync(join(root, folder), { recursive: true, force: true });
  const [gateway, probe, cli] = await Promise.all([
    build({
      ...shared,
      entryPoints: ['runtime/gateway/main.ts'],
      outdir: 'runtime/dist/gateway',
      splitting: true,
      banner: { js: REQUIRE },
    }),
    // Lambda's Node runtime brings the AWS SDK.
    build({ ...shared, entryPoints: ['runtime/probe/index.ts'], outdir: 'runtime/dist/probe', external: ['@aws-sdk/*'] }),
    build({
      ...shared,
      entryPoints: ['bin/model-api.ts'],
      outdir: 'bin/dist',
      splitting: true,
      banner: { js: REQUIRE },
    }),
  ]);
  return { gateway: gateway.metafile, probe: probe.metafile, cli: cli.metafile };
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
