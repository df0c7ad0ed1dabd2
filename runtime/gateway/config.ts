/**
 * What the gateway runs by: `serving.json`, the overlay laid over it, and where things lie. Both layers are checked
 * against the contract's schemas; a mistake in either is one StartError that names the place.
 */
import { readFileSync } from 'node:fs';
import {
  IMAGE_PATHS,
  MANIFEST_SCHEMA,
  OVERLAY_SCHEMA,
  OVERLAY_VARIABLE,
  PATH_VARIABLES,
  SERVING_DEFAULTS,
  type ServingConfig,
  type ServingManifest,
  type ServingOverlay,
} from '../contract/manifest';
import { shown } from './errors';
import { StartError } from './start-error';
import { compileCheck } from './validate';

/** `docker run IMAGE serve`, which is how SageMaker starts a container. */
const SERVE = 'serve';

/** The port that SageMaker asks for when it started the container. */
const PORT_VARIABLE = 'SAGEMAKER_BIND_TO_PORT';

const LARGEST_PORT = 65_535;

export interface Paths {
  readonly handler: string;
  readonly python: string;
  readonly worker: string;
}

export interface GatewayConfig extends ServingConfig {
  readonly paths: Paths;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** `started` is how the command line says that it was started: `serve` by SageMaker, which then names the port. */
export function readConfig(environment: Environment, started?: string): GatewayConfig {
  const place = (name: keyof typeof PATH_VARIABLES) => environment[PATH_VARIABLES[name]] ?? IMAGE_PATHS[name];
  const { manifestVersion: _, ...manifest } = readManifest(place('manifest'));
  const overlay = readOverlay(environment[OVERLAY_VARIABLE]);
  const paths = { handler: place('handler'), python: place('python'), worker: place('worker') };
  const wantedPort = started === SERVE ? readPort(environment[PORT_VARIABLE]) : {};
  return { ...SERVING_DEFAULTS, ...manifest, ...overlay, ...wantedPort, paths };
}

function readPort(text: string | undefined): { readonly port?: number } {
  if (text === undefined || text === '') return {};
  if (!/^\d{1,5}$/.test(text) || Number(text) > LARGEST_PORT)
    throw new StartError(`The environment variable ${PORT_VARIABLE} is no port: '${shown(text)}'.`);
  return { port: Number(text) };
}

function readManifest(file: string): ServingManifest {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new StartError(`The serving manifest cannot be read: ${(error as Error).message}`);
  }
  return checked<ServingManifest>(file, text, MANIFEST_SCHEMA);
}

function readOverlay(text: string | undefined): ServingOverlay {
  // An empty variable is how shells and task definitions say "none".
  if (text === undefined || text.trim() === '') return {};
  return checked<ServingOverlay>(`The environment variable ${OVERLAY_VARIABLE}`, text, OVERLAY_SCHEMA);
}

function checked<T>(source: string, text: string, schema: object): T {
  const value = parsed(source, text);
  const errors = compileCheck(schema)(value, text.length);
  if (errors.length === 0) return value as T;
  throw new StartError(`${source} is not valid: ${errors.map(({ path, message }) => `${path} ${message}`).join('; ')}`);
}

function parsed(source: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new StartError(`${source} is not JSON: ${(error as Error).message}`);
  }
}
