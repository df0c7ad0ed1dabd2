/**
 * OpenAI's chat, completions and embeddings, for handlers that declare one of them, and the list of models, which has
 * one. A request becomes the keyword arguments of predict(), and its result the answer that OpenAI's clients read.
 */
import type { OpenAiApi } from '../../../contract/handler';
import { type Answer, json } from '../../answer';
import type { Call } from '../../call';
import type { Model } from '../../model';
import type { Input, Output } from '../../prediction';
import type { Predictor } from '../../predictor';
import type { Route } from '../../route';
import { readJsonBody } from '../json-body';
import type { Head } from './chunks';
import { PATHS, parametersOf } from './declaration';
import { embeddingsAnswer, encodingFormatOf, textsOf, unusableEmbeddings } from './embeddings';
import { OpenAiErrors, refusedByHandler } from './problem';
import { checkMessages, promptOf } from './prompt';
import { type Fields, OpenAiRequest } from './request';
import { textAnswer } from './text-answer';
import { CHAT, COMPLETIONS, type TextApi } from './text-api';

export interface OpenAiOptions {
  /** What the model is called. */
  readonly name: string;
  readonly maxBodyBytes: number;
  readonly maxJsonDepth: number;
}

export class OpenAiProtocol {
  readonly #since = seconds();

  constructor(
    private readonly options: OpenAiOptions,
    private readonly predictor: Predictor,
  ) {}

  get routes(): Route[] {
    return [
      { path: PATHS.chat, method: 'POST', respond: (call) => this.#chat(call) },
      { path: PATHS.completions, method: 'POST', respond: (call) => this.#completions(call) },
      { path: PATHS.embeddings, method: 'POST', respond: (call) => this.#embeddings(call) },
      { path: '/v1/models', method: 'GET', respond: () => this.#models() },
      { path: '/v1/models/:model', method: 'GET', respond: (call) => this.#model(call) },
    ];
  }

  async #chat(call: Call): Promise<Answer> {
    const model = this.#declaring('chat', call);
    const request = await this.#read(call);
    checkMessages(request.fields);
    return this.#text(call, CHAT, model, request, {});
  }

  async #completions(call: Call): Promise<Answer> {
    const model = this.#declaring('completions', call);
    const request = await this.#read(call);
    return this.#text(call, COMPLETIONS, model, request, { prompt: promptOf(request.fields) });
  }

  async #embeddings(call: Call): Promise<Answer> {
    const model = this.#declaring('embeddings', call);
    const request = await this.#read(call);
    const texts = textsOf(request.fields);
    const format = encodingFormatOf(request.fields);
    const parameters = parametersOf(model.handler);
    const { dimensions } = request.fields;
    // Left out without a word it would give vectors of another length than the caller believes.
    if (typeof dimensions === 'number' && !parameters.named.has('dimensions') && !parameters.takesOthers)
      throw OpenAiErrors.badRequest('dimensions', 'This model does not let its dimensions be chosen.');
    const input = this.#checked(request.input(parameters, { input: texts }));
    const output = await refusable(this.predictor.predictWhole(call, input, unusableEmbeddings));
    return embeddingsAnswer(JSON.parse(output.body.toString('utf8')), texts.length, format, this.options.name);
  }

  async #text(call: Call, api: TextApi, model: Model, request: OpenAiRequest, subject: Fields): Promise<Answer> {
    const { isStreamed, wantsUsage } = request;
    const input = request.input(parametersOf(model.handler), subject);
    const head: Head = { id: api.idPrefix + call.requestId, created: seconds(), model: this.options.name };
    const abandon = () => this.predictor.forget(call);
    const output = await refusable(this.predictor.predict(call, this.#checked(input)));
    try {
      return await textAnswer(api, head, output, { isStreamed, wantsUsage }, abandon);
    } catch (error) {
      throw refusedByHandler(error);
    }
  }

  #checked(input: Buffer): Input {
    this.predictor.check(JSON.parse(input.toString('utf8')), input.length);
    return { body: input };
  }

  async #read(call: Call): Promise<OpenAiRequest> {
    const body = await readJsonBody(call, this.options.maxBodyBytes);
    this.predictor.deadlineOf(call);
    const request = new OpenAiRequest(body, this.options.maxJsonDepth);
    request.checkModel(this.options.name);
    return request;
  }

  #models(): Answer {
    this.#declaringAny();
    return json(200, { object: 'list', data: [this.#description] });
  }

  #model({ params }: Call): Answer {
    this.#declaringAny();
    const { model = '' } = params;
    if (model !== this.options.name) throw OpenAiErrors.modelNotFound(model, this.options.name);
    return json(200, this.#description);
  }

  get #description(): object {
    return { id: this.options.name, object: 'model', created: this.#since, owned_by: 'cdk-model-api' };
  }

  #declaring(api: OpenAiApi, call: Call): Model {
    const model = this.#declaringAny();
    const { openai } = model.handler;
    if (openai !== api)
      throw OpenAiErrors.undeclared(`This model answers ${PATHS[openai as OpenAiApi]}, not ${call.path}.`);
    return model;
  }

  #declaringAny(): Model {
    const model = this.predictor.loadedModel();
    if (model.handler.openai !== undefined) return model;
    const choices = Object.keys(PATHS).join(', ');
    throw OpenAiErrors.undeclared(
      `This model answers none of OpenAI's APIs. Its handler would declare one by openai = …: ${choices}.`,
    );
  }
}

async function refusable<T extends Output>(output: Promise<T>): Promise<T> {
  try {
    return await output;
  } catch (error) {
    throw refusedByHandler(error);
  }
}

const seconds = () => Math.floor(Date.now() / 1000);
