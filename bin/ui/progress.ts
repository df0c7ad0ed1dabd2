/**
 * One step that takes time, on standard error: a spinner on a terminal, plain lines elsewhere. A step that is over
 * before anybody would wonder leaves no line.
 */
import yoctoSpinner from 'yocto-spinner';
import type { Terminal } from './terminal';

export interface Progress {
  /** What the step is doing now. */
  update(detail: string): void;
  /** Ends the step. With a text, the step leaves that line behind. */
  done(text?: string): void;
}

/** What to assume of a terminal that does not say how wide it is. */
const USUAL_COLUMNS = 80;

/** Sparse enough for a log file, often enough to tell slow from stuck. */
const PLAIN_INTERVAL_MS = 5000;

export function startProgress(terminal: Terminal, text: string): Progress {
  return terminal.animated ? spinnerProgress(terminal, text) : plainProgress(terminal, text);
}

function spinnerProgress(terminal: Terminal, text: string): Progress {
  // Signals belong to the command, which stops what it has started before it exits.
  const spinner = yoctoSpinner({ text, stream: terminal.errors, handleSignals: false }).start();
  return {
    update: (detail) => {
      const room = (terminal.errors.columns || USUAL_COLUMNS) - text.length - 6;
      spinner.text = `${text}  ${terminal.noteStyle('dim', fitted(detail.trim(), room))}`;
    },
    done: (last) => {
      if (last) spinner.success(last);
      else spinner.stop();
    },
  };
}

function plainProgress(terminal: Terminal, text: string): Progress {
  terminal.note(`${text}…`);
  let lastLineAt = Date.now();
  return {
    update: (detail) => {
      if (Date.now() - lastLineAt < PLAIN_INTERVAL_MS) return;
      lastLineAt = Date.now();
      terminal.note(`  ${detail}`);
    },
    done: (last) => {
      if (last) terminal.note(last);
    },
  };
}

/** A line that wraps cannot be redrawn. */
function fitted(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`;
}

/** `0.4 s` for what people wait for. */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
