/** Serving options → the overlay of the serving manifest, and the checks that belong to them. */
import { SecretValue, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import {
  MANAGEMENT_PORT,
  OVERLAY_SCHEMA,
  SERVING_DEFAULTS,
  type ServingOverlay,
} from '../../runtime/contract/manifest';
import type { Timing } from '../../runtime/contract/timing';
import type { ServingOptions } from '../serving-options';
import { Check, isKnown } from './check';
import { checkCors, corsOf } from './cors-of';
import { MAX_REQUEST_TIMEOUT_SECONDS } from './timing-of';

const BASE_PATH = new RegExp(OVERLAY_SCHEMA.properties.basePath.pattern);

/** A listener rule takes patterns of 128 characters, and the last of ours are `/*`. */
const MAX_PATH_LENGTH = 126;
/** What CloudWatch takes as a dimension's value; a line with another one is logged and never counted. */
const API_NAME = /^(?!:)[\x20-\x7e]{1,255}$/;

/** `/` is the empty base path: the gateway strips what is there. */
export function basePathOf(path = '/'): string {
  return path === '/' ? '' : path;
}

/** What the overlay says beside the options. */
interface Surroundings {
  /** The ARN of a secret: its value is for the gateway alone to read. */
  readonly apiKeysSecret?: string;
}

/** What a task tells its gateway. Options left out stay out: the gateway has the same defaults. */
export function overlayOf(options: ServingOptions & Surroundings, timing: Timing): ServingOverlay {
  return {
    name: options.apiName,
    version: options.version,
    config: options.config,
    basePath: basePathOf(options.path),
    port: SERVING_DEFAULTS.port,
    managementPort: MANAGEMENT_PORT,
    workers: options.workers,
    concurrency: options.concurrency,
    queueRequests: options.queueRequests,
    queueBytes: options.queueSize?.toBytes(),
    maxBodyBytes: options.maxRequestSize?.toBytes(),
    maxJsonDepth: options.maxJsonDepth,
    cors: options.cors && corsOf(options.cors),
    recycleRequests: options.recycleAfterRequests,
    recycleBytes: options.recycleAboveMemory?.toBytes(),
    requestTimeoutMs: timing.requestTimeout * 1000,
    loadTimeoutMs: timing.loadTimeout * 1000,
    warmUp: options.warmUp,
    apiKeysSecret: options.apiKeysSecret,
    serveOnMs: timing.serveOn * 1000,
    keepAliveTimeoutMs: timing.keepAliveTimeout * 1000,
    headersTimeoutMs: timing.headersTimeout * 1000,
    emf: true,
  };
}

/** Throws what contradicts itself, or could never be served. */
export function checkServing(scope: IConstruct, options: ServingOptions): void {
  const check = new Check(scope);
  checkNames(check, options);
  for (const name of ['workers', 'concurrency'] as const) {
    check.that(!Token.isUnresolved(options[name]), `${name} must be known at synth: the scaling target follows it`);
    check.integer(name, options[name], 1);
  }
  check.that(
    !options.autoWorkers || options.workers === undefined,
    `workers (${options.workers}) and autoWorkers both say how many: leave one out`,
  );
  for (const name of ['queueRequests', 'maxJsonDepth', 'recycleAfterRequests'] as const) {
    check.integer(name, options[name], 1);
  }
  for (const name of ['maxRequestSize', 'queueSize', 'recycleAboveMemory'] as const) {
    const size = options[name];
    check.size(name, size, 'bytes');
    if (!size?.isUnresolved()) check.integer(`${name} in bytes`, size?.toBytes(), 1);
  }
  if (options.cors) checkCors(check, options.cors);
  checkTimeouts(check, options);
  check.done();
}

function checkNames(check: Check, { path, apiName, config }: ServingOptions): void {
  check.that(
    !Token.isUnresolved(path),
    'path must be known at synth: the gateway and the listener rule are written with it',
  );
  if (isKnown(path)) checkPath(check, path);
  check.that(
    !isKnown(apiName) || API_NAME.test(apiName),
    `apiName must be 1 to 255 printable ASCII characters and not start with a colon (got ${JSON.stringify(apiName)})`,
  );
  check.that(
    config === undefined || (typeof config === 'object' && config !== null && !Array.isArray(config)),
    `config must be an object with string keys (got ${JSON.stringify(config)})`,
  );
  check.that(!holdsFunction(config), 'config holds a function, which JSON cannot express: give its result');
  check.that(
    !holdsSecret(config),
    'config holds a secret, which everybody would read who may read the task definition: give it as one of secrets',
  );
}

function holdsSecret(value: unknown): boolean {
  return SecretValue.isSecretValue(value) || childrenOf(value).some(holdsSecret);
}

function holdsFunction(value: unknown): boolean {
  return typeof value === 'function' || childrenOf(value).some(holdsFunction);
}

/** None of a reference: it leads to its construct, and from there to the whole app. */
function childrenOf(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null && !Token.isUnresolved(value) ? Object.values(value) : [];
}

function checkPath(check: Check, path: string): void {
  check.that(
    path.length <= MAX_PATH_LENGTH,
    `path must have at most ${MAX_PATH_LENGTH} characters (got ${path.length})`,
  );
  check.that(
    BASE_PATH.test(basePathOf(path)),
    `path must be '/' or segments of letters, digits and ._~- without a final slash, such as '/iris' (got ${JSON.stringify(path)})`,
  );
}

function checkTimeouts(check: Check, { requestTimeout, loadTimeout }: ServingOptions): void {
  check.seconds('requestTimeout', requestTimeout, 'other timeouts follow it', 1, MAX_REQUEST_TIMEOUT_SECONDS);
  check.seconds('loadTimeout', loadTimeout, 'the grace period follows it', 1);
}
