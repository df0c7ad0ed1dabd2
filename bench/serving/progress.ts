/** What a person sees while it runs: one line that is rewritten on a terminal, a line a step elsewhere. */

const REDRAW_MS = 100;

export class Progress {
  readonly #startedAt = performance.now();
  readonly #isTerminal = process.stderr.isTTY === true;
  #drawnAt = 0;
  #done = 0;

  constructor(private readonly expectedSeconds: number) {}

  /** Something that takes a while begins; `seconds` of the estimate have been spent before it. */
  step(what: string): void {
    const line = `${this.#clock()} ${what}`;
    if (!this.#isTerminal) {
      process.stderr.write(`${line}\n`);
      return;
    }
    if (performance.now() - this.#drawnAt < REDRAW_MS) return;
    this.#drawnAt = performance.now();
    process.stderr.write(`\r\x1b[2K${line.slice(0, (process.stderr.columns ?? 80) - 1)}`);
  }

  /** Stays on the screen. */
  say(line: string): void {
    process.stderr.write(`${this.#isTerminal ? '\r\x1b[2K' : ''}${line}\n`);
  }

  spend(seconds: number): void {
    this.#done += seconds;
  }

  #clock(): string {
    const share = Math.min(0.99, this.#done / this.expectedSeconds);
    const elapsed = (performance.now() - this.#startedAt) / 1000;
    return `[${minutes(elapsed)} of about ${minutes(Math.max(elapsed, this.expectedSeconds))}, ${Math.floor(share * 100)} %]`;
  }
}

export function minutes(seconds: number): string {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}
