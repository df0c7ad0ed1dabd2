/** Ours as a server to be measured: the built gateway with real workers, as `model-api dev` starts it. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  MANIFEST_VERSION,
  NODE_FLAGS,
  OVERLAY_VARIABLE,
  PATH_VARIABLES,
  type ServingManifest,
  type ServingOverlay,
} from '../../runtime/contract/manifest';
import type { Launch } from './launch';

const ROOT = join(__dirname, '../..');
export const GATEWAY = join(ROOT, 'runtime/dist/gateway/main.mjs');

/** `model` is the name of a folder under `models/`; `programs` holds the Python that it runs with. */
export function gatewayLaunch(
  programs: string,
  model: string,
  overlay: ServingOverlay,
  manifest: Partial<ServingManifest> = {},
): Launch {
  const manifestFile = join(mkdtempSync(join(tmpdir(), 'bench-gateway-')), 'serving.json');
  writeFileSync(manifestFile, JSON.stringify({ manifestVersion: MANIFEST_VERSION, entry: 'predict.py', ...manifest }));
  const env = {
    [PATH_VARIABLES.handler]: join(__dirname, 'models', model),
    [PATH_VARIABLES.manifest]: manifestFile,
    [PATH_VARIABLES.python]: join(programs, 'python'),
    [PATH_VARIABLES.worker]: join(ROOT, 'runtime/worker'),
    [OVERLAY_VARIABLE]: JSON.stringify({ host: '127.0.0.1', name: 'model', ...overlay }),
  };
  return { command: process.execPath, args: [...NODE_FLAGS, GATEWAY, 'serve'], env };
}
