/** `model-api dev --json` as a child of a script: started until it is ready, asked, changed, stopped. */
import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const COMMAND = join(__dirname, '../bin/dist/model-api.mjs');

interface ReportedFailure {
  readonly message: string;
  readonly hint?: string;
  readonly evidence?: string;
}

export class DevServer {
  private readonly child: ChildProcess;
  private readonly events = new EventEmitter();
  private readonly exited: Promise<unknown>;
  private failure?: ReportedFailure;

  /** Its progress goes to standard error as it comes. */
  constructor(model: string, env: NodeJS.ProcessEnv = {}) {
    const args = [COMMAND, 'dev', model, '--json', '--port', '0'];
    this.child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    this.exited = once(this.child, 'close');
    const lines = createInterface({ input: this.child.stdout as NodeJS.ReadableStream });
    lines.on('line', (text) => this.take(JSON.parse(text)));
  }

  /** The next event of this name, or what ended the command before it came. */
  // biome-ignore lint/suspicious/noExplicitAny: the fields are those of the event.
  async next(event: string): Promise<any> {
    const ended = this.exited.then(() => Promise.reject(new Error(this.lastWords())));
    const [fields] = await Promise.race([once(this.events, event), ended]);
    return fields;
  }

  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.exited;
  }

  private take(line: { event?: string; error?: ReportedFailure }): void {
    if (line.event) this.events.emit(line.event, line);
    else this.failure = line.error;
  }

  private lastWords(): string {
    if (!this.failure) return 'The command ended before it served.';
    const { evidence, message, hint } = this.failure;
    return [evidence, message, hint].filter(Boolean).join('\n');
  }
}
