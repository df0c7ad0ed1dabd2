/**
 * Runs the built gateway with real Python workers, as a container or `model-api dev` would, for one test: it is killed
 * when the test ends.
 *
 *     const api = await serve({ handler: 'echo' });
 *     expect(await api.post({ value: 1 })).toMatchObject({ status: 200, json: 1 });
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import {
  MANIFEST_VERSION,
  NODE_FLAGS,
  OVERLAY_VARIABLE,
  PATH_VARIABLES,
  type ServingManifest,
  type ServingOverlay,
} from '../../runtime/contract/manifest';

const ROOT = join(import.meta.dirname, '..', '..');
const GATEWAY = join(ROOT, 'runtime/dist/gateway/main.mjs');
const WORKER = join(ROOT, 'runtime/worker');
const HANDLERS = join(ROOT, 'test/fixtures/handlers');

export interface ServeOptions {
  /** The name of a fixture under `test/fixtures/handlers`, or the path of a model directory. */
  readonly handler: string;
  readonly overlay?: ServingOverlay;
  readonly manifest?: Partial<ServingManifest>;
  readonly env?: Readonly<Record<string, string>>;
  /** `listening`: do not wait until the handler is loaded. `exit`: it is expected not to come up. */
  readonly until?: 'loaded' | 'listening' | 'exit';
}

export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly event?: string;
  readonly [field: string]: unknown;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; undefined when it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into documents of any form.
  readonly json: any;
}

export class Serving {
  readonly logs: LogLine[] = [];
  /** The exit code, or the name of the signal that killed it. */
  readonly exit: Promise<number | string>;
  url = '';
  managementUrl = '';
  readonly #watchers = new Set<() => void>();
  #hasExited = false;

  constructor(readonly gateway: ChildProcess) {
    createInterface({ input: gateway.stdout as NodeJS.ReadableStream }).on('line', (line) => this.#hear(line));
    this.exit = new Promise((resolve) => {
      // 'close' and not 'exit': by then every line has been read.
      gateway.once('close', (code, signal) => {
        this.#hasExited = true;
        this.#tellWatchers();
        resolve(code ?? (signal as string));
      });
    });
  }

  get pid(): number {
    return this.gateway.pid as number;
  }

  /** The lines so far of one event. */
  events(event: string): LogLine[] {
    return this.logs.filter((line) => line.event === event);
  }

  /** Waits for a line that matches: by the name of its event, or by a function. */
  line(match: string | ((line: LogLine) => boolean)): Promise<LogLine> {
    const matches = typeof match === 'string' ? (line: LogLine) => line.event === match : match;
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.logs.find(matches);
        if (found === undefined && !this.#hasExited) return;
        this.#watchers.delete(look);
        if (found !== undefined) resolve(found);
        else reject(new Error(`the gateway exited without saying ${match}:\n${this.#transcript()}`));
      };
      this.#watchers.add(look);
      look();
    });
  }

  /** Waits for the handler to say so: fixtures print where they stand. */
  output(text: string): Promise<LogLine> {
    return this.line(({ event, msg }) => event === 'output' && msg === text);
  }

  post(input: unknown, headers: Readonly<Record<string, string>> = {}, signal?: AbortSignal): Promise<Reply> {
    return this.postRaw(JSON.stringify(input), { 'content-type': 'application/json', ...headers }, signal);
  }

  postRaw(
    body: RequestInit['body'],
    headers: Readonly<Record<string, string>> = {},
    signal?: AbortSignal,
  ): Promise<Reply> {
    return this.request('/predict', { method: 'POST', body, headers, signal });
  }

  async request(path: string, init: RequestInit = {}, base = this.url): Promise<Reply> {
    return read(await fetch(`${base}${path}`, init));
  }

  /** Asks the port that says how it is, whichever that is. */
  manage(path: string): Promise<Reply> {
    return this.request(path, {}, this.managementUrl);
  }

  signal(name: NodeJS.Signals): void {
    this.gateway.kill(name);
  }

  #hear(line: string): void {
    this.logs.push(JSON.parse(line));
    this.#tellWatchers();
  }

  #tellWatchers(): void {
    for (const look of this.#watchers) look();
  }

  #transcript(): string {
    return this.logs.map((line) => JSON.stringify(line)).join('\n');
  }
}

export async function serve(options: ServeOptions): Promise<Serving> {
  const serving = new Serving(start(options));
  onTestFinished(async () => {
    serving.signal('SIGKILL');
    await serving.exit;
  });
  if (options.until === 'exit') return serving;
  const { port, managementPort = port } = await serving.line('listening');
  serving.url = `http://127.0.0.1:${port}`;
  serving.managementUrl = `http://127.0.0.1:${managementPort}`;
  if (options.until !== 'listening') await serving.line('loaded');
  return serving;
}

function start({ handler, overlay, manifest, env }: ServeOptions): ChildProcess {
  const folder = mkdtempSync(join(tmpdir(), 'serve-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const manifestFile = join(folder, 'serving.json');
  writeFileSync(manifestFile, JSON.stringify({ manifestVersion: MANIFEST_VERSION, entry: 'predict.py', ...manifest }));
  const variables = {
    [PATH_VARIABLES.handler]: handler.includes('/') ? handler : join(HANDLERS, handler),
    [PATH_VARIABLES.manifest]: manifestFile,
    [PATH_VARIABLES.python]: 'python3',
    [PATH_VARIABLES.worker]: WORKER,
    [OVERLAY_VARIABLE]: JSON.stringify({ port: 0, ...overlay }),
    // A machine with a GPU shall see what one without sees.
    MODEL_API_GPU_METRICS: 'off',
  };
  return spawn(process.execPath, [...NODE_FLAGS, GATEWAY, 'serve'], {
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ...variables, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function read(response: Response): Promise<Reply> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
