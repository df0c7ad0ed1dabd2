/**
 * A real worker whose gateway is the test: speaks frames over a Unix socket, so that a test can say and see every one.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import type { Failure, Handler } from '../../../runtime/contract/handler';
import { encodeHeader, type Frame, FrameReader, FrameType } from '../../../runtime/gateway/worker/frames';
import { PYTHON, WORKER } from './python';

interface Options {
  readonly python?: string;
  readonly entry?: string;
  readonly config?: object;
  readonly concurrency?: number;
  /** Lives longer than one test: whoever says so disposes of it. */
  readonly keep?: boolean;
}

/** What a request may say beside its input. */
export interface Sent {
  readonly flags?: number;
  readonly context?: object;
}

interface Line {
  readonly id: number;
  readonly level: string;
  readonly msg: string;
}

const running: Worker[] = [];

afterEach(() => {
  for (const worker of running.splice(0)) worker.dispose();
});

export class Worker {
  /** Everything the worker has sent, in order. */
  readonly frames: Frame[] = [];
  readonly exitCode: Promise<number | null>;
  raw = '';
  #socket?: Socket;
  #lastId = 0;
  #waiting: (() => void)[] = [];

  private constructor(
    private readonly folder: string,
    private readonly server: Server,
    readonly process: ChildProcess,
  ) {
    running.push(this);
    const reader = new FrameReader((frame) => this.#take(frame));
    server.once('connection', (socket) => {
      this.#socket = socket;
      // The worker may be killed by the test while something is on its way to it.
      socket.on('data', (chunk) => reader.read(chunk)).on('error', () => {});
      this.#wake();
    });
    this.exitCode = new Promise((resolve) => process.once('exit', resolve));
    process.once('exit', () => this.#wake());
    process.stdout?.on('data', (text) => this.#hear(text));
    process.stderr?.on('data', (text) => this.#hear(text));
  }

  /** Connected, and told nothing yet. */
  static async connected(python = PYTHON): Promise<Worker> {
    const folder = mkdtempSync(join(tmpdir(), 'worker-'));
    const path = join(folder, 'socket');
    const mark = join(folder, 'mark');
    writeFileSync(mark, Buffer.alloc(4));
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const worker = new Worker(
      folder,
      server,
      spawn(python, ['-u', WORKER, path, mark], { stdio: ['ignore', 'pipe', 'pipe'] }),
    );
    await worker.until(() => worker.#socket !== undefined, 'connected');
    return worker;
  }

  /** Told to load `handlerDir`. */
  static async loading(handlerDir: string, options: Options = {}): Promise<Worker> {
    const worker = await Worker.connected(options.python);
    const { entry = 'predict.py', config = {}, concurrency = null } = options;
    worker.send(FrameType.START, 0, { handlerDir, entry, config, modelDir: handlerDir, concurrency });
    return worker;
  }

  /** Loaded. */
  static async ready(handlerDir: string, options: Options = {}): Promise<Worker> {
    const worker = await Worker.loading(handlerDir, options);
    await worker.handler();
    if (options.keep) running.splice(running.indexOf(worker), 1);
    return worker;
  }

  get lines(): Line[] {
    return this.frames
      .filter(({ type }) => type === FrameType.LOG)
      .map(({ id, body }) => ({ id, ...json(body) }) as Line);
  }

  async handler(): Promise<Handler> {
    return json((await this.frame(FrameType.READY, 0)).body) as Handler;
  }

  async loadFailure(): Promise<Failure> {
    return json((await this.frame(FrameType.FAILED, 0)).body) as Failure;
  }

  /** Sends a request and returns its id. */
  request(input: object | Buffer, { flags = 0, context }: Sent = {}): number {
    this.#lastId += 1;
    const said = Buffer.from(context === undefined ? '' : JSON.stringify(context));
    const body = Buffer.isBuffer(input) ? input : Buffer.from(JSON.stringify(input));
    this.sendFrame(FrameType.REQUEST, this.#lastId, Buffer.concat([said, body]), flags, said.length);
    return this.#lastId;
  }

  /** Sends these as one call of predict_batch and returns their ids. */
  batch(inputs: readonly (object | Buffer)[], sent: Sent = {}): number[] {
    this.sendFrame(FrameType.BATCH, 0, Buffer.alloc(0), 0, inputs.length);
    return inputs.map((input) => this.request(input, sent));
  }

  /** Lets the worker send this many CHUNKs more. */
  credit(id: number, chunks: number): void {
    this.sendFrame(FrameType.CREDIT, id, Buffer.alloc(0), 0, chunks);
  }

  /** The highest id that the worker says it has begun. */
  get mark(): number {
    return readFileSync(join(this.folder, 'mark')).readUInt32LE();
  }

  /** The CHUNKs of a stream that have come. */
  chunks(id: number): Frame[] {
    return this.frames.filter((frame) => frame.type === FrameType.CHUNK && frame.id === id);
  }

  /** The items of a JSON stream that have come. */
  items(id: number): unknown[] {
    const text = this.chunks(id).map(({ body }) => body.toString('utf8'));
    return text
      .join('')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  }

  /** Waits for the stream's end and returns its items; credits every CHUNK. */
  async stream(id: number): Promise<unknown[]> {
    await this.ended(id);
    return this.items(id);
  }

  /** Waits for END or ERROR while every CHUNK is credited. */
  async ended(id: number): Promise<Frame> {
    let credited = 0;
    await this.until(() => {
      const came = this.chunks(id).length;
      if (came > credited) this.credit(id, came - credited);
      credited = came;
      return this.frames.some((frame) => isLast(frame) && frame.id === id);
    }, `the end of ${id}`);
    return this.frames.find((frame) => isLast(frame) && frame.id === id) as Frame;
  }

  cancel(id: number): void {
    this.send(FrameType.CANCEL, id);
  }

  stop(): void {
    this.send(FrameType.STOP, 0);
  }

  hangUp(): void {
    this.#socket?.destroy();
  }

  async result(id: number): Promise<unknown> {
    const frame = await this.answer(id);
    if (frame.type === FrameType.ERROR) throw new Error(`request ${id} failed: ${frame.body}`);
    return json(frame.body);
  }

  async failure(id: number): Promise<Failure> {
    const frame = await this.answer(id);
    if (frame.type === FrameType.RESULT) throw new Error(`request ${id} was answered: ${frame.body}`);
    return json(frame.body) as Failure;
  }

  /** Sends a request and awaits its result. */
  predict(input: object): Promise<unknown> {
    return this.result(this.request(input));
  }

  /** Sends a request and awaits its failure. */
  fail(input: object): Promise<Failure> {
    return this.failure(this.request(input));
  }

  answer(id: number): Promise<Frame> {
    return this.#find((frame) => isAnswer(frame) && frame.id === id, `an answer to ${id}`);
  }

  frame(type: FrameType, id: number): Promise<Frame> {
    return this.#find((frame) => frame.type === type && frame.id === id, `a frame of type ${type}`);
  }

  /** Resolves when the handler has printed or logged `text`: the barrier that tests wait at. */
  async printed(text: string): Promise<Line> {
    await this.until(() => this.lines.some(({ msg }) => msg.includes(text)), `the line ${text}`);
    return this.lines.find(({ msg }) => msg.includes(text)) as Line;
  }

  send(type: FrameType, id: number, message?: object): void {
    this.#sendText(type, id, message === undefined ? '' : JSON.stringify(message));
  }

  /** Sends a request whose JSON a test writes itself, and returns its id. */
  requestText(json: string): number {
    this.#lastId += 1;
    this.#sendText(FrameType.REQUEST, this.#lastId, json);
    return this.#lastId;
  }

  sendBytes(bytes: Buffer): void {
    this.#socket?.write(bytes);
  }

  /** Resolves as soon as something the worker did made `condition` true; fails when the worker ends before. */
  async until(condition: () => boolean, what: string): Promise<void> {
    while (!condition()) {
      if (this.process.exitCode !== null || this.process.signalCode !== null)
        throw new Error(`the worker ended before ${what}: ${this.raw}`);
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  dispose(): void {
    this.process.kill('SIGKILL');
    this.#socket?.destroy();
    this.server.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  sendFrame(type: FrameType, id: number, body: Buffer, flags = 0, n = 0): void {
    this.sendBytes(Buffer.concat([encodeHeader(type, id, body.length, flags, n), body]));
  }

  #sendText(type: FrameType, id: number, text: string): void {
    this.sendFrame(type, id, Buffer.from(text));
  }

  async #find(matches: (frame: Frame) => boolean, what: string): Promise<Frame> {
    await this.until(() => this.frames.some(matches), what);
    return this.frames.find(matches) as Frame;
  }

  #take(frame: Frame): void {
    // A frame may be a view of the reader's chunk, which is its own for as long as somebody holds it.
    this.frames.push(frame);
    this.#wake();
  }

  #hear(text: Buffer): void {
    this.raw += text;
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

const isAnswer = ({ type }: Frame) => type === FrameType.RESULT || type === FrameType.ERROR;

const isLast = (frame: Frame) => isAnswer(frame) || frame.type === FrameType.END;

const json = (body: Buffer) => JSON.parse(body.toString('utf8'));
