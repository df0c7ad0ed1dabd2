/**
 * The vocabulary of the command line's tests: the built command, run to its end or for a while, on model directories
 * that a test writes down. Every process gets its own cache, temporary and home folder, which show what was left behind.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

const COMMAND = join(import.meta.dirname, '../../bin/dist/model-api.mjs');

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly input?: string;
}

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'model-api-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A model directory with these files. */
export function modelDirectory(files: Record<string, string>): string {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) writeModelFile(folder, name, content);
  return folder;
}

export function writeModelFile(folder: string, name: string, content: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), content);
}

/** One machine's worth of folders: give it to two runs, and they share a cache. */
export class Home {
  readonly folder = temporaryFolder();
  readonly temporary = join(this.folder, 'tmp');
  readonly cache = join(this.folder, 'cache');
  readonly env = { XDG_CACHE_HOME: this.cache, TMPDIR: this.temporary };

  constructor() {
    mkdirSync(this.temporary);
  }

  /** What a finished command left in the temporary folder. */
  leftovers(): string[] {
    return readdirSync(this.temporary);
  }

  /** The finished and half-made environments. */
  environments(): string[] {
    const folder = join(this.cache, 'cdk-model-api/environments');
    return existsSync(folder) ? readdirSync(folder).sort() : [];
  }

  /** Every process that works for a command of this home: their arguments hold its temporary folder. */
  processes(): string[] {
    const all = execFileSync('ps', ['-A', '-ww', '-o', 'args='], { encoding: 'utf8' }).split('\n');
    return all.filter((line) => line.includes(this.folder));
  }
}

function start(args: string[], { cwd, env }: RunOptions): ChildProcess {
  const child = spawn(process.execPath, [COMMAND, ...args], { cwd, env: { ...process.env, ...env }, stdio: 'pipe' });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Runs the command to its end. */
export function modelApi(args: string[], options: RunOptions = {}): Promise<Ended> {
  const child = start(args, options);
  child.stdin?.end(options.input ?? '');
  const text = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) child[name]?.on('data', (chunk) => (text[name] += chunk));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, ...text })));
}

// biome-ignore lint/suspicious/noExplicitAny: the events are what the tests are about.
type DevEvent = any;

/** `model-api dev`, while it runs. */
export class Dev {
  private readonly child: ChildProcess;
  private readonly events: DevEvent[] = [];
  private wake = () => {};
  readonly ended: Promise<number | null>;
  stdout = '';
  stderr = '';

  constructor(args: string[], options: RunOptions = {}) {
    this.child = start(['dev', '--port', '0', ...args], options);
    this.child.stdout?.on('data', (chunk) => this.heard(() => (this.stdout += chunk)));
    this.child.stderr?.on('data', (chunk) => this.heard(() => (this.stderr += chunk)));
    if (args.includes('--json')) {
      const lines = createInterface({ input: this.child.stdout as NodeJS.ReadableStream });
      lines.on('line', (line) => this.heard(() => this.events.push(JSON.parse(line))));
    }
    this.ended = new Promise((resolve) => this.child.once('close', resolve));
  }

  /** The next event of this name that nobody has asked for yet; needs `--json`. */
  event(name: string): Promise<DevEvent> {
    return this.until(() => {
      const index = this.events.findIndex(({ event }) => event === name);
      return index < 0 ? undefined : this.events.splice(index, 1)[0];
    }, name);
  }

  /** Waits until it has said this, on either stream. */
  says(text: string | RegExp): Promise<RegExpExecArray> {
    const pattern = typeof text === 'string' ? new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')) : text;
    return this.until(() => pattern.exec(this.stdout) ?? pattern.exec(this.stderr) ?? undefined, String(text));
  }

  signal(name: NodeJS.Signals): Promise<number | null> {
    this.child.kill(name);
    return this.ended;
  }

  private heard(take: () => void): void {
    take();
    this.wake();
  }

  private async until<T>(find: () => T | undefined, what: string): Promise<T> {
    const died = this.ended.then((code) => {
      throw new Error(`dev ended with ${code} before ${what}\n${this.stdout}\n${this.stderr}`);
    });
    // Found or not, the command may end later without anybody minding.
    died.catch(() => {});
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      await Promise.race([new Promise<void>((resolve) => (this.wake = resolve)), died]);
    }
  }
}

/** Asks a served handler. */
export async function ask(
  url: string,
  body: object,
  fields: Record<string, string> = {},
): Promise<{ status: number; body: unknown }> {
  const headers = { 'content-type': 'application/json', connection: 'close', ...fields };
  const response = await fetch(`${url}/predict`, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, body: await response.json() };
}
