/**
 * One server under measurement: started until it gives the right answer, frozen while another has its turn, stopped with
 * everything that descends from it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Launch } from './launch';
import { Connection } from './load/connection';
import type { Peer } from './peers';
import { isAlive, signalTree, treeOf } from './processes';
import { bytesOf, type HttpRequest } from './request';
import type { Work } from './works';

const READY_MS = 90_000;
/** Some servers answer 404 until their routes are there. */
const WRONG_MS = 20_000;
const ANSWER_MS = 10_000;
const POLL_MS = 10;
const STOP_MS = 5_000;

export class Server {
  readonly pid: number;
  timeToReadyMs = 0;
  readonly #startedAt = performance.now();
  #hasExited = false;

  private constructor(
    readonly name: string,
    readonly port: number,
    private readonly child: ChildProcess,
    /** Its output, and what the drivers read: the body, and the whole request. */
    private readonly folder: string,
  ) {
    this.pid = child.pid as number;
    child.once('exit', () => {
      this.#hasExited = true;
    });
  }

  static async start(name: string, launchOn: (port: number) => Launch): Promise<Server> {
    const port = await freePort();
    const { command, args, env, cwd } = launchOn(port);
    const folder = mkdtempSync(join(tmpdir(), 'bench-serving-'));
    const output = openSync(join(folder, 'output'), 'w');
    const environment = {
      ...process.env,
      PYTHONDONTWRITEBYTECODE: '1',
      OMP_NUM_THREADS: '1',
      OPENBLAS_NUM_THREADS: '1',
    };
    const child = spawn(command, args, { cwd, env: { ...environment, ...env }, stdio: ['ignore', output, output] });
    closeSync(output);
    await once(child, 'spawn');
    return new Server(name, port, child, folder);
  }

  static async startPeer(peer: Peer, work: Work, programs: string): Promise<Server> {
    const server = await Server.start(peer.name, (port) => peer.launch(programs, work, port));
    try {
      await server.ready(peer.request(work), work.isRight);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  get bodyFile(): string {
    return join(this.folder, 'body');
  }

  get requestFile(): string {
    return join(this.folder, 'request');
  }

  /** Resolves when its answer to the request is right. */
  async ready(request: HttpRequest, isRight: (text: string) => boolean): Promise<void> {
    writeFileSync(this.bodyFile, request.body);
    writeFileSync(this.requestFile, bytesOf(request));
    let giveUpAt = this.#startedAt + READY_MS;
    let last = 'none';
    while (performance.now() < giveUpAt) {
      const answer = await ask(this.port, bytesOf(request));
      if (answer?.status === 200 && isRight(answer.text)) {
        this.timeToReadyMs = performance.now() - this.#startedAt;
        return;
      }
      if (this.#hasExited) throw new Error(`it ended before it was ready: ${this.lastOutput()}`);
      if (answer !== undefined) {
        giveUpAt = Math.min(giveUpAt, performance.now() + WRONG_MS);
        last = `${answer.status} ${answer.text.slice(0, 200)}`;
      }
      await sleep(POLL_MS);
    }
    throw new Error(`it gave no right answer in time, the last was: ${last}`);
  }

  freeze(): void {
    signalTree(this.pid, 'SIGSTOP');
  }

  thaw(): void {
    signalTree(this.pid, 'SIGCONT');
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  get hasExited(): boolean {
    return this.#hasExited;
  }

  /** Children outlive some servers, so that the tree is remembered before it falls apart. */
  async stop(): Promise<void> {
    this.thaw();
    const pids = treeOf(this.pid);
    this.signal('SIGTERM');
    const giveUpAt = performance.now() + STOP_MS;
    while (!this.#hasExited && performance.now() < giveUpAt) await sleep(POLL_MS);
    signalTree(
      this.pid,
      'SIGKILL',
      pids.filter((pid) => isAlive(pid) && (pid !== this.pid || !this.#hasExited)),
    );
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** A driver that fails because the server has ended says so, with its last words. */
  async during<T>(load: Promise<T>): Promise<T> {
    try {
      return await load;
    } catch (error) {
      if (!this.#hasExited) throw error;
      throw new Error(`it ended under load: ${this.lastOutput()}`);
    }
  }

  /** The last line that speaks of an error, else the last line. */
  lastOutput(): string {
    const lines = readFileSync(join(this.folder, 'output'), 'utf8').trim().split('\n');
    const line = lines.filter((one) => /error/i.test(one)).at(-1) ?? lines.at(-1);
    return line?.slice(0, 300) || 'it said nothing';
  }
}

interface Asked {
  readonly status: number;
  readonly text: string;
}

/** One request over a connection of its own; undefined when nobody answers. */
export async function ask(port: number, bytes: Buffer): Promise<Asked | undefined> {
  try {
    const connection = await Connection.open(port, true);
    const timer = setTimeout(() => connection.destroy(), ANSWER_MS);
    const { status, body } = await connection.exchange(bytes);
    clearTimeout(timer);
    connection.destroy();
    return status === 0 ? undefined : { status, text: body?.toString() ?? '' };
  } catch {
    return undefined;
  }
}

/**
 * Below the range from which the kernel gives ports to connections, so that none takes it before the server does; the
 * ports after it are free too, for servers that want several.
 */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + 4 * Math.floor(Math.random() * 2_500);
    const free = await Promise.all([port, port + 1, port + 2].map(isFree));
    if (free.every(Boolean)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
