/**
 * The two streams of a command: data on standard output, everything else on standard error. Colours only where the
 * stream is a terminal that wants them (NO_COLOR, FORCE_COLOR); what a colour says, the words say too.
 */
import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** How a command speaks. In machine form, every object of `event` is one line of JSON and `say` is silent. */
export class Terminal {
  constructor(
    readonly machine = false,
    private readonly out: NodeJS.WriteStream = process.stdout,
    private readonly err: NodeJS.WriteStream = process.stderr,
  ) {}

  /** What the command was asked for. */
  data(text: string): void {
    this.out.write(`${text}\n`);
  }

  /** One line of what a long-running command shows people. */
  say(text: string): void {
    if (!this.machine) this.out.write(`${text}\n`);
  }

  /** The same for programs. */
  event(event: object): void {
    if (this.machine) this.out.write(`${JSON.stringify(event)}\n`);
  }

  /** Progress, warnings, failures. */
  note(text: string): void {
    this.err.write(`${text}\n`);
  }

  warn(message: string, fix?: string): void {
    this.note(`${this.noteStyle('yellow', '⚠')} ${message}${fix ? `\n  ${fix}` : ''}`);
  }

  style(style: Style, text: string): string {
    return styleText(style, text, { validateStream: true, stream: this.out });
  }

  noteStyle(style: Style, text: string): string {
    return styleText(style, text, { validateStream: true, stream: this.err });
  }

  /** Whether progress may redraw its line: never in a pipe, a log file or a continuous-integration run. */
  get animated(): boolean {
    return Boolean(this.err.isTTY) && !process.env.CI && process.env.TERM !== 'dumb';
  }

  get errors(): NodeJS.WriteStream {
    return this.err;
  }
}
