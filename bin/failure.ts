/**
 * The one error that the command line shows to its user: what happened and why, where, and what to do about it, with a
 * stable code for scripts and the exit code of the process. Anything else that is thrown is a defect of ours.
 */

/**
 * Exit codes, finer than 0 and 1 so that a script can tell its own mistakes from a model's. 4 is kept for a result that
 * is not the expected one.
 */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  handlerNotLoaded: 3,
  unreachable: 5,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export interface FailureDetails {
  /** What to do now, as a sentence or a command. */
  readonly hint?: string;
  /** The user's own file that is to blame, as an absolute path. */
  readonly file?: string;
  readonly line?: number;
  /** What another program said in its own words: a traceback, pip's message. Shown first. */
  readonly evidence?: string;
}

export class CommandFailure extends Error {
  constructor(
    /** Stable, snake case: scripts compare it. */
    readonly code: string,
    readonly exitCode: ExitCode,
    /** `{what happened}: {why}` in one sentence. */
    message: string,
    readonly details: FailureDetails = {},
  ) {
    super(message);
  }
}

/** A mistake in the arguments. */
export function usageFailure(code: string, message: string, details: FailureDetails = {}): CommandFailure {
  return new CommandFailure(code, EXIT.usage, message, details);
}

/** The user stopped the command before it had done its work. */
export function interruption(): CommandFailure {
  return new CommandFailure('interrupted', EXIT.interrupted, 'Interrupted.');
}
