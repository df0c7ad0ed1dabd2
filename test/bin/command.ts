/**
 * The vocabulary of the command line's tests: the built command, run to its end or for a while, on model directories
 * that a test writes down. Every process gets its own cache, temporary and home folder, which show what was left behind.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
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
    return readdirSync(join(this.cache, 'cdk-model-api/environments')).sort();
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

/** `model-api dev --json`, while it runs. */
export class Dev {
  private readonly seen: DevEvent[] = [];
  private readonly waiting: { event: string; tell(event: DevEvent): void }[] = [];
  private readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  stderr = '';

  constructor(args: string[], options: RunOptions = {}) {
    this.child = start(['dev', '--json', '--port', '0', ...args], options);
    this.child.stderr?.on('data', (chunk) => (this.stderr += chunk));
    this.ended = new Promise((resolve) => this.child.once('close', resolve));
    createInterface({ input: this.child.stdout as NodeJS.ReadableStream }).on('line', (line) =>
      this.take(JSON.parse(line)),
    );
  }

  /** The next event of this name that nobody has asked for yet. */
  next(event: string): Promise<DevEvent> {
    const index = this.seen.findIndex((each) => each.event === event);
    if (index >= 0) return Promise.resolve(this.seen.splice(index, 1)[0]);
    return Promise.race([
      new Promise((tell) => this.waiting.push({ event, tell })),
      this.ended.then((code) => Promise.reject(new Error(`dev ended with ${code} before ${event}: ${this.stderr}`))),
    ]);
  }

  signal(name: NodeJS.Signals): Promise<number | null> {
    this.child.kill(name);
    return this.ended;
  }

  private take(event: DevEvent): void {
    const index = this.waiting.findIndex((each) => each.event === event.event);
    if (index >= 0) this.waiting.splice(index, 1)[0].tell(event);
    else this.seen.push(event);
  }
}
