/**
 * What `model-api dev` shows: first what was loaded and where it is reached, then a line for everything that happens.
 * Each of them also exists as one JSON object, for programs that start `dev --json`.
 */
import type { Handler } from '../../runtime/contract/handler';
import type { CommandFailure } from '../failure';
import type { AccessLine, OutputLine, WarmUpFields } from '../serve/gateway-lines';
import { failureDocument, failureText } from './problem';
import { seconds } from './progress';
import type { Terminal } from './terminal';

export interface Served {
  readonly entry: string;
  readonly handler: Handler;
  readonly warmUp: WarmUpFields;
  readonly workers: number;
  /** The API's own address, without a slash at the end. */
  readonly url: string;
  readonly example: string;
  readonly watching: boolean;
}

/** Of a request id: enough to tell apart what runs at the same time. */
const SHORT_ID = 8;

export class DevScreen {
  /** Whether prints of several requests can be mixed. */
  private tellsRequestsApart = false;

  constructor(private readonly terminal: Terminal) {}

  ready(served: Served): void {
    const { entry, handler, warmUp, workers, url, example, watching } = served;
    this.tellsRequestsApart = workers * handler.concurrency > 1;
    const loaded = `${workers} ${workers === 1 ? 'worker' : 'workers'}, Python ${handler.python}, ${handler.loadSeconds.toFixed(1)} s${answered(warmUp)}`;
    this.row('handler', `${entry} → ${this.terminal.style('bold', handler.signature)}`);
    this.row('loaded', loaded);
    this.warnings(handler);
    this.row('API', this.terminal.style('cyan', `${url}/predict`));
    this.row('OpenAPI', this.terminal.style('cyan', `${url}/openapi.json`));
    this.terminal.say(`  ${example}`);
    const loop = watching ? 'Watching for changes · Ctrl-C stops' : 'Ctrl-C stops';
    this.terminal.say(`  ${loop}     For production: npx cdk deploy`);
    this.terminal.event({ event: 'ready', url, handler, example });
  }

  request(line: AccessLine, failure?: CommandFailure): void {
    const colour = line.status < 400 ? 'green' : line.status < 500 ? 'yellow' : 'red';
    const answered = line.msg.replace(/\d+$/, (status) => this.terminal.style(colour, status));
    const error = line.error ? `  ${line.error.code}${failure ? '' : `: ${line.error.message}`}` : '';
    // What a caller who was failed can quote; the prints of the same request begin with its first characters.
    const id = line.status < 500 ? '' : this.terminal.style('dim', `  request_id ${line.request_id}`);
    this.terminal.say(`  ${answered} ${Math.round(line.duration_ms)} ms${error}${id}`);
    this.terminal.event({ ...line, event: 'request' });
    if (failure && !this.terminal.machine) this.terminal.note(failureText(this.terminal, failure));
  }

  /** What the handler prints, as it prints it; with several requests at a time, which of them it is about. */
  output(line: OutputLine): void {
    const id = this.tellsRequestsApart ? line.request_id?.slice(0, SHORT_ID) : undefined;
    this.terminal.say(id ? `${this.terminal.style('dim', id)} ${line.msg}` : line.msg);
    this.terminal.event(line);
  }

  reloaded(files: readonly string[], durationMs: number): void {
    this.terminal.say(`  ↻ ${changed(files)}, reloaded in ${seconds(durationMs)}`);
    this.terminal.event({ event: 'reloaded', files, seconds: durationMs / 1000 });
  }

  kept(files: readonly string[], failure: CommandFailure): void {
    this.terminal.event({ event: 'reload_failed', files, ...failureDocument(failure) });
    if (this.terminal.machine) return;
    this.terminal.note(failureText(this.terminal, failure));
    this.terminal.note(`  ↻ ${changed(files)}: what was loaded before goes on serving. Save again to retry.`);
  }

  workerLost(reason: string): void {
    this.terminal.note(
      `${this.terminal.noteStyle('yellow', '⚠')} The worker was lost (${reason}); another one takes over.`,
    );
    this.terminal.event({ event: 'worker_lost', reason });
  }

  warnings(handler: Handler): void {
    for (const { message, file, line, fix } of handler.warnings) {
      this.terminal.warn(file ? `${file}${line ? `:${line}` : ''}: ${message}` : message, fix);
    }
  }

  private row(label: string, value: string): void {
    this.terminal.say(`  ${label.padEnd(9)} ${value}`);
  }
}

/** What else was done before the first request was taken. */
function answered({ samples, warmup_seconds: seconds }: WarmUpFields): string {
  if (samples === 0) return '';
  return `; ${samples} ${samples === 1 ? 'sample' : 'samples'} answered in ${seconds.toFixed(1)} s`;
}

function changed(files: readonly string[]): string {
  return files.length === 1 ? `${files[0]} changed` : `${files[0]} and ${files.length - 1} more changed`;
}
