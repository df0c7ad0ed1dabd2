/**
 * `model-api dev`: serves a model directory on this machine by the gateway that containers run, and reloads it when its
 * files change. Needs neither Docker nor AWS, and leaves nothing behind but the cached environment.
 */
import { basename } from 'node:path';
import type { ServingOverlay } from '../../runtime/contract/manifest';
import { given, type Interrupts } from '../interrupts';
import { readJsonFile } from '../json-source';
import { type ModelDirectory, modelSamples, openModelDirectory } from '../model-directory';
import { type Environment, prepareEnvironment } from '../python/environment';
import { warnOfOtherPython } from '../python/image-python';
import { exampleBody, exampleCommand } from '../serve/example-request';
import { type AccessLine, type GatewayLine, pythonFailure } from '../serve/gateway-lines';
import type { GatewayProcess, LoadedGateway } from '../serve/gateway-process';
import { refuseBusyPort } from '../serve/port';
import { callFailure } from '../serve/python-failure';
import { Reloader } from '../serve/reloader';
import { whileServing } from '../serve/serving';
import { type Watcher, watchDirectory } from '../serve/watch';
import { DevScreen } from '../ui/dev-screen';
import type { Terminal } from '../ui/terminal';

export interface DevOptions {
  readonly port: number;
  readonly host: string;
  readonly workers: number;
  /** Seconds. */
  readonly loadTimeout: number;
  /** A file with the handler's `config`. */
  readonly config?: string;
  readonly reload: boolean;
  readonly debug?: boolean;
}

export async function dev(
  target: string | undefined,
  options: DevOptions,
  terminal: Terminal,
  interrupts: Interrupts,
): Promise<void> {
  const model = openModelDirectory(target);
  const overlay = devOverlay(model, options);
  await refuseBusyPort(options.host, options.port);
  const environment = await environmentLikeImage(model, terminal, interrupts);
  const loop = new DevLoop(model, options, terminal, interrupts);
  const settings = {
    model,
    python: environment.python,
    overlay,
    onLine: (line: GatewayLine) => loop.show(line),
    onText: (text: string) => loop.showText(text),
  };
  await whileServing(settings, terminal, interrupts, (gateway, loaded) => loop.run(gateway, loaded, environment));
}

/** The environment to serve with, and a word about what the image will do otherwise. */
async function environmentLikeImage(
  model: ModelDirectory,
  terminal: Terminal,
  interrupts: Interrupts,
): Promise<Environment> {
  const environment = await prepareEnvironment(model, terminal, interrupts.asked);
  await warnOfOtherPython(model, environment.version, terminal);
  return environment;
}

/** The overlay that a deployment would set, as it is on a laptop: no load balancer has to notice that it stops. */
function devOverlay(model: ModelDirectory, options: DevOptions): ServingOverlay {
  return {
    name: basename(model.path),
    host: options.host,
    port: options.port,
    workers: options.workers,
    loadTimeoutMs: options.loadTimeout * 1000,
    loadAttempts: 1,
    serveOnMs: 0,
    config: options.config === undefined ? undefined : readJsonFile('--config', options.config),
  };
}

/** What happens between the first load and Ctrl-C. */
class DevLoop {
  private readonly screen: DevScreen;

  constructor(
    private readonly model: ModelDirectory,
    private readonly options: DevOptions,
    private readonly terminal: Terminal,
    private readonly interrupts: Interrupts,
  ) {
    this.screen = new DevScreen(terminal);
  }

  async run(gateway: GatewayProcess, loaded: LoadedGateway, environment: Environment): Promise<void> {
    const watcher = this.options.reload ? await this.watch(gateway, environment) : undefined;
    this.showReady(loaded);
    const died = gateway.end().then((failure) => Promise.reject(failure));
    try {
      await Promise.race([given(this.interrupts.asked), died]);
    } finally {
      await watcher?.close();
    }
  }

  /** Anything the gateway tells; what it tells once at the start and the end is shown elsewhere. */
  show(line: GatewayLine): void {
    if (this.options.debug) this.terminal.note(JSON.stringify(line));
    // In full instead of in short: nobody wants to read both.
    if (this.options.debug && !this.terminal.machine) return;
    if (line.event === undefined) this.showRequest(line);
    if (line.event === 'output') this.screen.output(line);
    if (line.event === 'worker_lost') this.screen.workerLost(line.reason);
    if (line.event === 'reloaded') this.screen.warnings(line.handler);
    if (line.event === 'sample_ignored') this.terminal.warn(line.msg, 'It is left out.');
    if (line.event === 'unlogged') this.terminal.note(line.msg);
  }

  private showRequest(line: AccessLine): void {
    const failure = pythonFailure(line);
    this.screen.request(line, failure && callFailure(this.model, line.error?.code ?? '', failure));
  }

  showText(text: string): void {
    this.terminal.note(text);
  }

  private watch(gateway: GatewayProcess, environment: Environment): Promise<Watcher> {
    const reloader = new Reloader(gateway, environment, {
      prepare: () => environmentLikeImage(this.model, this.terminal, this.interrupts),
      reloaded: (files, durationMs) => this.screen.reloaded(files, durationMs),
      // A reload that Ctrl-C cut off has not failed.
      kept: (files, failure) => this.interrupts.asked.aborted || this.screen.kept(files, failure),
    });
    return watchDirectory(this.model.path, (files) => void reloader.changed(files));
  }

  private showReady({ handler, warmUp, port, badSamples }: LoadedGateway): void {
    const url = `http://${urlHost(this.options.host)}:${port}`;
    const example = exampleCommand(`${url}/predict`, exampleBody(modelSamples(this.model, badSamples), handler.input));
    const { workers, reload: watching } = this.options;
    this.screen.ready({ entry: this.model.entry, handler, warmUp, workers, url, example, watching });
  }
}

/** An address that a browser can open: "every address" is none. */
function urlHost(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
