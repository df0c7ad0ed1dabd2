/**
 * The Open Inference Protocol, version 2, over HTTP, with Triton's extensions for binary tensors, for text and of its model
 * repository. KServe, Triton, MLServer and their clients speak it; a model is what this server calls its API.
 *
 *     tensors -> arguments -> predict() -> result -> tensors
 */
import { type Answer, json } from '../../answer';
import type { Call } from '../../call';
import { decodeContent } from '../../content-encoding';
import { Errors, ServingError, shown } from '../../errors';
import type { Health } from '../../health';
import type { Model } from '../../model';
import type { Input } from '../../prediction';
import type { Predictor } from '../../predictor';
import type { ProblemScope, Responder, Route } from '../../route';
import { parseBody } from '../../validate';
import { argumentsOf } from './arguments';
import { compressed } from './compression';
import { oipError } from './error-form';
import { events, generated, oneEvent } from './generate';
import { modelMetadata, SERVER_METADATA } from './metadata';
import { rawRequest } from './raw-request';
import { headBytes, type InferRequest, readRequest } from './request';
import { requireOutputs, writeResponse } from './response';
import { resultsOf } from './results';
import { Signature } from './signature';

export interface OipConfig {
  readonly name: string;
  readonly version?: string;
  readonly maxBodyBytes: number;
  readonly maxJsonDepth: number;
}

const HEADER = 'inference-header-content-length';

export class OpenInferenceProtocol {
  readonly scope: ProblemScope = { path: '/v2', problem: oipError };
  /** Read once of each handler that is loaded. */
  readonly #signatures = new WeakMap<Model, Signature>();

  constructor(
    private readonly config: OipConfig,
    private readonly predictor: Predictor,
    private readonly health: Health,
  ) {}

  get routes(): Route[] {
    return [
      { path: '/v2', method: 'GET', respond: () => json(200, SERVER_METADATA) },
      { path: '/v2/health/live', method: 'GET', respond: () => this.#live(), isProbe: true },
      { path: '/v2/health/ready', method: 'GET', respond: () => this.#ready(), isProbe: true },
      ...this.#modelRoutes('GET', '', (call) => this.#metadata(call)),
      ...this.#modelRoutes('GET', '/ready', (call) => this.#modelReady(call), true),
      ...this.#modelRoutes('POST', '/infer', (call) => this.#infer(call)),
      ...this.#modelRoutes('POST', '/generate', (call) => this.#generate(call)),
      ...this.#modelRoutes('POST', '/generate_stream', (call) => this.#generateStream(call)),
    ];
  }

  /** For whoever runs the server, not for callers. */
  get managementRoutes(): Route[] {
    const refuse = () => {
      throw Errors.badRequest('Models are loaded when their server starts; deploy the API to load another one.');
    };
    return [
      { path: '/v2/repository/index', method: 'POST', respond: (call) => this.#index(call) },
      { path: '/v2/repository/models/:model/load', method: 'POST', respond: refuse },
      { path: '/v2/repository/models/:model/unload', method: 'POST', respond: refuse },
    ];
  }

  #modelRoutes(method: Route['method'], path: string, respond: Responder, isProbe = false): Route[] {
    const ofThisModel: Responder = (call) => {
      this.#requireModel(call.params);
      return respond(call);
    };
    const model = '/v2/models/:model';
    return [model, `${model}/versions/:version`].map((prefix) => {
      return { path: `${prefix}${path}`, method, respond: ofThisModel, isProbe };
    });
  }

  #requireModel({ model = '', version }: Readonly<Record<string, string>>): void {
    const { config } = this;
    if (model !== config.name)
      throw new ServingError('not_found', `There is no model '${shown(model, 60)}'; this is '${config.name}'.`);
    if (version === undefined || version === config.version) return;
    const known = config.version === undefined ? 'it has no versions' : `this is version '${config.version}'`;
    throw new ServingError('not_found', `The model has no version '${shown(version, 60)}'; ${known}.`);
  }

  #live(): Answer {
    return json(200, { live: true, ready: this.#isReady() });
  }

  #ready(): Answer {
    this.health.ready();
    return json(200, { live: true, ready: true });
  }

  #modelReady(_: Call): Answer {
    this.health.ready();
    return json(200, { name: this.config.name, ready: true });
  }

  #isReady(): boolean {
    try {
      this.health.ready();
      return true;
    } catch {
      return false;
    }
  }

  #metadata(_: Call): Answer {
    const { model } = this.predictor;
    // It says why there is none.
    if (model === undefined) return this.health.ready();
    return json(200, modelMetadata(this.config, this.#signatureOf(model)));
  }

  async #index(call: Call): Promise<Answer> {
    const body = await call.readBody(this.config.maxBodyBytes);
    const asked = body.length === 0 ? {} : (parseBody(body, this.config.maxJsonDepth) ?? {});
    const { ready = false } = asked as { ready?: unknown };
    if (typeof ready !== 'boolean') throw Errors.badRequest("Invalid value for 'ready': expected a boolean.");
    const { name, version = '' } = this.config;
    const isReady = this.#isReady();
    if (ready && !isReady) return json(200, []);
    return json(200, [{ name, version, state: isReady ? 'READY' : 'UNAVAILABLE', reason: '' }]);
  }

  async #infer(call: Call): Promise<Answer> {
    const content = await this.#content(call);
    const { maxJsonDepth } = this.config;
    const header = call.header(HEADER);
    const jsonBytes = headBytes(header, content.length);
    const isRaw = header !== undefined && jsonBytes === 0;
    const read = isRaw ? undefined : readRequest(content, jsonBytes, maxJsonDepth);
    const model = await this.#loaded(call);
    const signature = this.#signatureOf(model);
    const request: InferRequest = read ?? rawRequest(content, signature);
    if (model.handler.streams) throw streams();
    requireOutputs(request.outputs, signature);
    const input = argumentsOf(request.inputs, signature, model.check, maxJsonDepth);
    const output = await this.predictor.predictWhole(call, { ...input, takesPacked: true }, streams);
    const answer = writeResponse(this.config, request, resultsOf(output, signature, input.rows));
    return compressed(answer, call.header('accept-encoding'));
  }

  async #generate(call: Call): Promise<Answer> {
    // Before it runs, when its hints say so.
    if (this.predictor.model?.handler.streams) throw streams();
    const output = await this.predictor.predictWhole(call, await this.#plainInput(call), streams);
    const body = generated(this.config, output.body.toString());
    return { status: 200, contentType: 'application/json', body };
  }

  async #generateStream(call: Call): Promise<Answer> {
    const output = await this.predictor.predict(call, await this.#plainInput(call));
    return output.kind === 'stream'
      ? events(this.config, output.stream)
      : oneEvent(this.config, output.body.toString());
  }

  async #plainInput(call: Call): Promise<Input> {
    const content = await this.#content(call);
    this.predictor.check(parseBody(content, this.config.maxJsonDepth), content.length);
    return { body: content };
  }

  async #content(call: Call): Promise<Buffer> {
    const { maxBodyBytes } = this.config;
    const body = await call.readBody(maxBodyBytes);
    this.predictor.deadlineOf(call);
    return decodeContent(body, call.header('content-encoding'), maxBodyBytes);
  }

  async #loaded(call: Call): Promise<Model> {
    const { model } = this.predictor;
    if (model !== undefined) return model;
    // Admission says why, and counts it.
    await this.predictor.predict(call, { body: Buffer.alloc(0) });
    throw Errors.internal();
  }

  #signatureOf(model: Model): Signature {
    const known = this.#signatures.get(model);
    if (known !== undefined) return known;
    const signature = new Signature(model.handler);
    this.#signatures.set(model, signature);
    return signature;
  }
}

const streams = () => Errors.badRequest('This model streams; POST its arguments to generate_stream.');
