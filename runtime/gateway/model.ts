/** What a loaded handler means to the stages: how its input is checked and how it is described to callers. */
import type { Failure, Handler } from '../contract/handler';
import { SERVING_DEFAULTS } from '../contract/manifest';
import type { GatewayConfig } from './config';
import type { Log } from './log';
import { openApiDocument } from './openapi';
import { misdeclared } from './protocols/openai/declaration';
import { readSamples, type Sample } from './samples';
import { type Check, compileCheck } from './validate';
import { LoadError } from './worker/load-error';

export interface Model {
  readonly handler: Handler;
  readonly check: Check;
  /** Whether an empty body can be no input. */
  readonly needsArguments: boolean;
  /** The OpenAPI document, as JSON; without the samples that workers refused while they warmed up. */
  openApi(): string;
  /** What a worker answers before it is ready. */
  readonly warmUpSamples: readonly Sample[];
}

export async function prepareModel(handler: Handler, config: GatewayConfig, log: Log): Promise<Model> {
  const needsArguments = ((handler.input.required as string[] | undefined) ?? []).length > 0;
  tellIfUnbatched(handler, config, log);
  try {
    const check = compileCheck(handler.input);
    requireDeclared(handler, check);
    const samples = await readSamples(config.paths.handler, check, log);
    const openApi = once(() => {
      const accepted = samples.filter(({ isRefused }) => !isRefused);
      return JSON.stringify(openApiDocument(handler, config, accepted));
    });
    return { handler, check, needsArguments, openApi, warmUpSamples: config.warmUp ? samples : [] };
  } catch (error) {
    throw error instanceof LoadError ? error : new LoadError(schemaFailure(handler, error as Error));
  }
}

/** Told while it loads: later, each caller would get the blame. */
function requireDeclared(handler: Handler, check: Check): void {
  const message = misdeclared(handler, check);
  if (message === undefined) return;
  const { file, line } = handler;
  throw new LoadError({ kind: 'load', type: 'OpenAiDeclaration', message, traceback: '', file, line });
}

/** Synthesis cannot see the code, and counts on a batch for each worker: such an API would scale out late. */
function tellIfUnbatched({ batch, file, line }: Handler, { batching }: GatewayConfig, log: Log): void {
  if (batch || batching === SERVING_DEFAULTS.batching) return;
  const message = `batching is declared, and ${file} has no predict_batch: requests run one by one, and scaling expects more.`;
  log.event('warning', 'batching_unused', message, { file, line });
}

/** Asked for when the workers are ready, and by many. */
function once(make: () => string): () => string {
  let made: string | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

function schemaFailure({ file, line }: Handler, error: Error): Failure {
  const message = `The handler's input schema cannot be used: ${error.message}`;
  return { kind: 'load', type: 'SchemaError', message, traceback: '', file, line };
}
