/** Sends one request to a model directory: the gateway of `model-api dev` serves it on a free port, for that long. */
import { basename } from 'node:path';
import type { ServingOverlay } from '../../runtime/contract/manifest';
import type { CommandFailure } from '../failure';
import type { Interrupts } from '../interrupts';
import { type JsonObject, readJsonFile } from '../json-source';
import { type ModelDirectory, modelSamples, openModelDirectory } from '../model-directory';
import { prepareEnvironment } from '../python/environment';
import { exampleBody } from '../serve/example-request';
import { type GatewayLine, pythonFailure } from '../serve/gateway-lines';
import type { LoadedGateway } from '../serve/gateway-process';
import { callFailure } from '../serve/python-failure';
import { whileServing } from '../serve/serving';
import type { Terminal } from '../ui/terminal';
import type { Answer } from './answer';
import { nothingToSend } from './input';
import { predictOverHttp, predictUrl } from './over-http';

export interface LaptopOptions {
  readonly config?: string;
  /** Seconds. */
  readonly loadTimeout: number;
}

export async function predictOnLaptop(
  target: string | undefined,
  body: string | undefined,
  options: LaptopOptions,
  terminal: Terminal,
  interrupts: Interrupts,
): Promise<Answer> {
  const model = openModelDirectory(target);
  const config = options.config === undefined ? undefined : readJsonFile('--config', options.config);
  const environment = await prepareEnvironment(model, terminal, interrupts.asked);
  let raised: CommandFailure | undefined;
  const settings = {
    model,
    python: environment.python,
    overlay: oneShotOverlay(basename(model.path), config, options.loadTimeout),
    onLine: (line: GatewayLine) => {
      const failure = line.event === undefined ? pythonFailure(line) : undefined;
      if (failure) raised = callFailure(model, 'handler_error', failure);
      if (line.event === 'output') terminal.note(line.msg);
    },
    onText: (text: string) => terminal.note(text),
  };
  const answer = await whileServing(settings, terminal, interrupts, async (_gateway, loaded) => {
    if (body === undefined) throw nothingToSend(wantedBy(loaded, model));
    return predictOverHttp(predictUrl(`http://127.0.0.1:${loaded.port}`), body, interrupts.asked);
  });
  // The log line comes after the answer; by now the gateway has ended and everything is read.
  return { ...answer, raised, isFromHandler: true };
}

function wantedBy({ handler, badSamples }: LoadedGateway, model: ModelDirectory) {
  return { signature: handler.signature, exampleBody: exampleBody(modelSamples(model, badSamples), handler.input) };
}

function oneShotOverlay(name: string, config: JsonObject | undefined, loadTimeout: number): ServingOverlay {
  // One request was asked for, and no sample.
  const once = { loadAttempts: 1, serveOnMs: 0, warmUp: false };
  return { name, config, host: '127.0.0.1', port: 0, loadTimeoutMs: loadTimeout * 1000, ...once };
}
