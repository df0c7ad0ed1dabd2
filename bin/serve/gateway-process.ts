/**
 * The gateway that containers run, as a child of the command line: started, listened to, told to reload, stopped. It
 * leads a process group of its own, so that Ctrl-C reaches the command line alone.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Failure, Handler } from '../../runtime/contract/handler';
import {
  NODE_FLAGS,
  OVERLAY_VARIABLE,
  PATH_VARIABLES,
  SERVING_DEFAULTS,
  type ServingOverlay,
} from '../../runtime/contract/manifest';
import { CommandFailure, EXIT } from '../failure';
import type { ModelDirectory } from '../model-directory';
import { GATEWAY_BUNDLE, WORKER_DIRECTORY } from '../package-root';
import { type GatewayLine, parseGatewayLine, type WarmUpFields } from './gateway-lines';
import { loadFailure } from './python-failure';
import { SessionFiles } from './session-files';

export interface GatewaySettings {
  readonly model: ModelDirectory;
  /** The interpreter of the model's environment. */
  readonly python: string;
  readonly overlay: ServingOverlay;
  readonly onLine?: (line: GatewayLine) => void;
  /** Called with what is not a line of the gateway. */
  readonly onText?: (text: string) => void;
}

export interface LoadedGateway {
  readonly port: number;
  readonly handler: Handler;
  readonly warmUp: WarmUpFields;
  /** The samples that are none, or that the handler would refuse, as absolute paths. */
  readonly badSamples: ReadonlySet<string>;
}

type OnLoaded = (loaded: Pick<LoadedGateway, 'handler' | 'warmUp'>) => void;

/** The longest request, and what the gateway allows itself to end its workers. */
const STOP_LIMIT_MS = SERVING_DEFAULTS.requestTimeoutMs + 10_000;

/** For a gateway that does not even notice that its channel is closed. */
const KILL_AFTER_MS = 2_000;

export class GatewayProcess {
  private readonly files: SessionFiles;
  private readonly child: ChildProcess;
  private readonly exited: Promise<unknown>;
  private readonly stderr: string[] = [];
  private lastFailure?: CommandFailure;
  private reloading?: { resolve(): void; reject(failure: CommandFailure): void };
  private readonly badSamples = new Set<string>();
  private port = 0;
  /** Requests that were running or queued when it began to stop. */
  unfinished = 0;

  /** Resolves once the handler is loaded; rejects when the process ends before. */
  readonly loaded: Promise<LoadedGateway>;

  constructor(private readonly settings: GatewaySettings) {
    this.files = new SessionFiles(settings.model.entry, settings.python);
    this.child = this.start();
    const stdout = createInterface({ input: this.child.stdout as NodeJS.ReadableStream });
    const stderr = createInterface({ input: this.child.stderr as NodeJS.ReadableStream });
    // Not `close` of the process: it never comes once the channel was closed from here.
    this.exited = Promise.all([once(this.child, 'exit'), once(stdout, 'close'), once(stderr, 'close')]);
    this.loaded = new Promise((resolve, reject) => {
      stdout.on('line', (text) =>
        this.read(text, (loaded) => resolve({ ...loaded, port: this.port, badSamples: this.badSamples })),
      );
      void this.end().then(reject);
    });
    stderr.on('line', (text) => this.readError(text));
    // Whoever only stops the gateway never looks at `loaded`.
    this.loaded.catch(() => {});
  }

  /** Resolves when the process has ended, by itself or stopped, to what it died of. */
  async end(): Promise<CommandFailure> {
    await this.exited;
    return this.lastFailure ?? this.deathFailure();
  }

  /** Loads the handler anew beside the running one, and rejects when that goes on serving. One reload at a time. */
  async reload(python: string): Promise<void> {
    this.files.usePython(python);
    const outcome = new Promise<void>((resolve, reject) => {
      this.reloading = { resolve, reject };
    });
    this.child.kill('SIGHUP');
    await Promise.race([outcome, this.end().then((failure) => Promise.reject(failure))]);
  }

  /** Lets running requests finish, then leaves neither process nor file behind. */
  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.stopNow(), STOP_LIMIT_MS);
    await this.exited;
    clearTimeout(timer);
    this.files.remove();
  }

  /** Running requests are lost. The gateway itself ends its workers when the channel closes. */
  stopNow(): void {
    if (this.child.connected) this.child.disconnect();
    setTimeout(() => this.child.kill('SIGKILL'), KILL_AFTER_MS).unref();
  }

  private start(): ChildProcess {
    const { model, overlay } = this.settings;
    return spawn(process.execPath, [...NODE_FLAGS, GATEWAY_BUNDLE], {
      detached: true,
      // The channel carries no message: its end tells the gateway that the command line was killed.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        ...process.env,
        [PATH_VARIABLES.handler]: model.path,
        [PATH_VARIABLES.manifest]: this.files.manifest,
        [PATH_VARIABLES.python]: this.files.python,
        [PATH_VARIABLES.worker]: WORKER_DIRECTORY,
        [OVERLAY_VARIABLE]: JSON.stringify(overlay),
      },
    });
  }

  private read(text: string, onLoaded: OnLoaded): void {
    const line = parseGatewayLine(text);
    if (line) this.follow(line, onLoaded);
    if (line) this.settings.onLine?.(line);
    else this.settings.onText?.(text);
  }

  private readError(text: string): void {
    this.stderr.push(text);
    this.settings.onText?.(text);
  }

  private follow(line: GatewayLine, onLoaded: OnLoaded): void {
    if (line.event === 'listening') this.port = line.port;
    if (line.event === 'sample_ignored') this.badSamples.add(line.file);
    if (line.event === 'draining') this.unfinished = line.running + line.queued;
    if (line.event === 'loaded') onLoaded({ handler: line.handler, warmUp: line });
    if (line.event === 'failed') this.lastFailure = new CommandFailure('gateway_failed', EXIT.failed, line.msg);
    if (line.event === 'load_failed') this.lastFailure = this.loadFailure(line.error);
    if (line.event === 'reloaded') this.reloading?.resolve();
    if (line.event === 'reload_failed') this.reloading?.reject(this.loadFailure(line.error));
  }

  private loadFailure(error: Failure): CommandFailure {
    const { model, overlay } = this.settings;
    return loadFailure(model, error, overlay.config !== undefined);
  }

  private deathFailure(): CommandFailure {
    const { exitCode, signalCode } = this.child;
    const message = `The gateway ended by itself (${signalCode ?? exitCode}).`;
    return new CommandFailure('gateway_ended', EXIT.failed, message, { evidence: this.stderr.slice(-20).join('\n') });
  }
}
