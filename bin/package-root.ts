/** Where this package lies: in a clone as in node_modules, from a bundle as from the sources. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PACKAGE_ROOT = packageRoot(dirname(fileURLToPath(import.meta.url)));

/** What the gateway's bundle and the worker are called inside the package. */
export const GATEWAY_BUNDLE = join(PACKAGE_ROOT, 'runtime/dist/gateway/main.mjs');
export const WORKER_DIRECTORY = join(PACKAGE_ROOT, 'runtime/worker');

export function packageVersion(): string {
  return JSON.parse(readFileSync(join(PACKAGE_ROOT, 'package.json'), 'utf8')).version;
}

/** The nearest folder with a package.json: the bundle and the sources lie at different depths below it. */
function packageRoot(folder: string): string {
  return existsSync(join(folder, 'package.json')) ? folder : packageRoot(dirname(folder));
}
