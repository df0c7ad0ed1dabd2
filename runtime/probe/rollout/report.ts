/** What the function's log says of a new version: a line for each finding, and one for what becomes of the deployment. */

import type { HookAnswer } from './event';
import type { Finding } from './finding';

export interface Report {
  readonly answer: HookAnswer;
  readonly findings: readonly Finding[];
  /** What could not be looked at, and why. */
  readonly notes: readonly string[];
  /** What the last line says. */
  readonly message: string;
}

export function tell({ answer, findings, notes, message }: Report, deployment: string | undefined): void {
  const event = 'rollout_check';
  for (const { check, message: msg, fix } of findings) line('error', { event: `${event}_finding`, check, msg, fix });
  for (const msg of notes) line('warning', { event: `${event}_note`, msg });
  const { hookStatus: status } = answer;
  line(status === 'FAILED' ? 'error' : 'info', { event, status, msg: message, deployment });
}

/** The form of the gateway's lines. */
function line(level: string, fields: object): void {
  console.log(JSON.stringify({ time: new Date().toISOString(), level, ...fields }));
}
