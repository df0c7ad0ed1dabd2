/** The gateway's parts, put together in the order in which a request meets them. */

import type { Handler } from '../contract/handler';
import { remember, rememberRefusal } from './access';
import { Admission } from './admit';
import type { Answer } from './answer';
import { Authentication } from './authenticate';
import type { GatewayConfig } from './config';
import { Cors } from './cors';
import { Deadlines } from './deadline';
import { Errors } from './errors';
import type { Front, FrontHandler } from './front';
import { Health } from './health';
import { NodeFront } from './http/node-front';
import { StrictFront } from './http/strict-front';
import { ApiKeys, type ReadSecret } from './keys/api-keys';
import type { Log } from './log';
import { Metrics } from './metrics';
import { prepareModel } from './model';
import { Predictor } from './predictor';
import { exposition } from './prometheus';
import { NativeProtocol } from './protocols/native';
import { OpenInferenceProtocol } from './protocols/oip/oip';
import { OPENAI_SCOPE } from './protocols/openai/problem';
import { OpenAiProtocol } from './protocols/openai/protocol';
import { SageMakerProtocol } from './protocols/sagemaker';
import { type Gatekeeper, type Route, Router } from './route';
import { Tracing } from './tracing/tracing';
import { placementOf } from './worker/placement';
import { WorkerPool } from './worker/pool';

export class Gateway {
  readonly deadlines = new Deadlines();
  readonly metrics = new Metrics();
  readonly tracing: Tracing;
  readonly pool: WorkerPool;
  /** Those that callers must have, when the configuration wants it. */
  readonly keys?: ApiKeys;
  readonly health: Health;
  readonly traffic: Front;
  /** Health and metrics apart from the traffic, when the configuration wants it. */
  readonly management?: Front;
  readonly #predictor: Predictor;
  readonly #oip: OpenInferenceProtocol;

  constructor(
    readonly config: GatewayConfig,
    readonly log: Log,
    /** Node's own HTTP instead of the project's: slower, and used by many more. */
    private readonly usesNodeHttp: boolean,
  ) {
    const { paths, apiKeysSecret: secret } = config;
    const placement = placementOf(config.workers);
    const spec = { ...config, placement, python: paths.python, workerDir: paths.worker, handlerDir: paths.handler };
    this.tracing = new Tracing(process.env, { name: config.name, version: config.version }, log);
    this.metrics.handler.warn = (message) => log.event('warning', 'metric_refused', message);
    const prepare = (handler: Handler) => prepareModel(handler, config, log);
    this.pool = new WorkerPool(spec, prepare, this.deadlines, log, this.metrics);
    if (secret !== undefined) this.keys = new ApiKeys(secret, lazyReader(secret), this.deadlines, log);
    this.health = new Health(this.pool, this.keys);
    const admission = new Admission(config, this.pool, this.deadlines, this.metrics);
    this.#predictor = new Predictor(config, this.pool, admission);
    this.#oip = new OpenInferenceProtocol(config, this.#predictor, this.health);
    const apart = config.managementPort !== undefined;
    const gatekeeper = this.keys && new Authentication(this.keys, this.metrics);
    const cors = config.cors && new Cors(config.cors);
    this.traffic = this.#server([...this.#apiRoutes(), ...(apart ? [] : this.#managementRoutes())], gatekeeper, cors);
    if (apart) this.management = this.#server(this.#managementRoutes());
  }

  /** Traffic first: it closes first, so that readiness can be asked to the end. */
  get servers(): Front[] {
    return this.management === undefined ? [this.traffic] : [this.traffic, this.management];
  }

  async listen(): Promise<void> {
    const { host } = this.config;
    const port = await this.traffic.listen(this.config.port, host);
    const managementPort = await this.management?.listen(this.config.managementPort as number, host);
    this.log.event('info', 'listening', `Listening on port ${port}.`, { port, managementPort });
  }

  /** Resolves when callers can be served; what keeps it from that is thrown. */
  async load(): Promise<void> {
    const keysLoaded = this.keys?.load(performance.now() + this.config.loadTimeoutMs);
    await Promise.all([this.pool.load(), keysLoaded]);
  }

  #apiRoutes(): Route[] {
    const native = new NativeProtocol(this.config, this.#predictor);
    const sageMaker = new SageMakerProtocol(this.config, native, this.health, () => this.pool.capacity);
    const apart = this.config.managementPort !== undefined;
    return [
      ...native.routes,
      { path: '/openapi.json', method: 'GET', respond: () => this.#openApi() },
      ...this.#oip.routes,
      ...new OpenAiProtocol(this.config, this.#predictor).routes,
      // Behind a load balancer it would be a second way in, and `/ping` is management.
      ...(apart ? [] : sageMaker.routes),
    ];
  }

  #managementRoutes(): Route[] {
    return [
      { path: '/healthz', method: 'GET', respond: () => this.health.live(), isProbe: true },
      { path: '/readyz', method: 'GET', respond: () => this.health.ready(), isProbe: true },
      { path: '/metrics', method: 'GET', respond: () => exposition(this.metrics), isProbe: true },
      ...this.#oip.managementRoutes,
    ];
  }

  #openApi(): Answer {
    const { model } = this.pool;
    if (model === undefined) throw Errors.loading(this.pool.reason);
    return { status: 200, contentType: 'application/json', body: model.openApi() };
  }

  #server(routes: readonly Route[], gatekeeper?: Gatekeeper, cors?: Cors): Front {
    const router = new Router(routes, this.config.basePath, [this.#oip.scope, OPENAI_SCOPE], gatekeeper, cors);
    return this.#front({
      sampler: this.tracing.sampler,
      answer: (call) => router.answer(call),
      headersFor: cors && ((call) => cors.headersFor(call)),
      answered: (call, answer) => {
        remember(call, answer, this.log, this.metrics);
        this.tracing.answered(call, answer);
      },
      refused: (requestId, answer) => rememberRefusal(requestId, answer, this.log, this.metrics),
    });
  }

  #front(handler: FrontHandler): Front {
    const Chosen = this.usesNodeHttp ? NodeFront : StrictFront;
    return new Chosen(this.config, this.deadlines, handler);
  }
}

/** The AWS SDK is larger than the whole gateway, and only an API with keys needs it. */
function lazyReader(secret: string): ReadSecret {
  let reader: Promise<ReadSecret> | undefined;
  return async () => {
    reader ??= import('./keys/aws-secret').then(({ secretReader }) => secretReader(secret));
    return (await reader)();
  };
}
