#!/usr/bin/env node
/**
 * The command line `model-api`: parses, dispatches, and turns what was thrown into a message and an exit code. What may
 * be typed is in `command-line.ts`, what a verb does in `commands/`.
 */
import { CommanderError } from 'commander';
import { commandLine } from './command-line';
import { dev } from './commands/dev';
import { predict } from './commands/predict';
import { CommandFailure, EXIT, usageFailure } from './failure';
import { watchInterrupts } from './interrupts';
import { printFailure } from './ui/problem';
import { Terminal } from './ui/terminal';

const args = process.argv.slice(2);
// Known before parsing, so that a mistake in the arguments is printed in the form that was asked for.
const isOwnJson = ['dev', 'cost'].includes(args[0] ?? '');
const terminal = new Terminal(args.includes(isOwnJson ? '--json' : '--json-errors'));
const interrupts = watchInterrupts();

const program = commandLine({
  dev: (target, options) => dev(target, options, terminal, interrupts),
  predict: (target, options) => predict(target, options, terminal, interrupts),
  // With the table of prices it is a chunk of its own.
  cost: async (target, options) => (await import('./commands/cost')).cost(target, options, terminal),
});

try {
  if (args.length === 0) program.outputHelp();
  else await program.parseAsync(args, { from: 'user' });
  // A command that was stopped at once has lost what it was doing.
  if (interrupts.insisted.aborted) process.exitCode = EXIT.interrupted;
} catch (error) {
  process.exitCode = report(error);
}
// What is still open by now (a kept-alive connection of fetch) is nobody's work.
process.exit();

function report(error: unknown): number {
  // Help and version end the parser by throwing, too.
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.ok;
  const failure = error instanceof CommanderError ? grammarFailure(error) : error;
  if (!(failure instanceof CommandFailure)) return reportDefect(error);
  printFailure(terminal, failure);
  return failure.exitCode;
}

/** The parser's sentence, and its suggestion as the hint. */
function grammarFailure({ message }: CommanderError): CommandFailure {
  const [sentence, suggestion] = message.replace(/^error: /, '').split('\n');
  const hint = sentence === "unknown command 'deploy'" ? 'Deploying is the work of "npx cdk deploy".' : suggestion;
  return usageFailure('usage', `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`.replace(/\.\.$/, '.'), {
    hint: `${hint ? `${hint} ` : ''}See --help.`.replace(/[()]/g, ''),
  });
}

function reportDefect(error: unknown): number {
  terminal.note(error instanceof Error ? (error.stack ?? error.message) : String(error));
  terminal.note(
    '✗ This is a defect of model-api. Please report it: https://github.com/cdk-model-api/cdk-model-api/issues',
  );
  return EXIT.failed;
}
