/**
 * The grammar of `model-api`: verbs, options, help. It says what may be typed and nothing about what happens then.
 * Help begins with examples, because that is what most readers came for.
 */
import { Command, InvalidArgumentError, Option } from 'commander';
import { SERVING_DEFAULTS } from '../runtime/contract/manifest';
import type { CostOptions } from './commands/cost';
import type { DevOptions } from './commands/dev';
import type { PredictOptions } from './commands/predict';
import { PRICES_PAGE } from './cost/prices-page';
import { packageVersion } from './package-root';
import { KEY_VARIABLE } from './predict/api-key';

/** What the verbs do, given by whoever runs the command line. */
export interface Verbs {
  dev(target: string | undefined, options: DevOptions): Promise<void>;
  predict(target: string | undefined, options: PredictOptions): Promise<void>;
  cost(target: string | undefined, options: CostOptions): Promise<void>;
}

export function commandLine(verbs: Verbs): Command {
  const program = new Command('npx cdk-model-api')
    .description(
      'Serves a predict() on this machine, asks a served one for predictions, and says what a deployed one costs.',
    )
    .version(packageVersion(), '--version', 'print the version')
    .addHelpText('before', examples('dev models/iris', 'predict models/iris --json @body.json'))
    .addHelpText('after', `\n${EXIT_CODES}\n\nTo deploy: npx cdk deploy`)
    // Errors are thrown, to be printed in one place.
    .configureOutput({ outputError: () => {} })
    .exitOverride();
  program.helpCommand('help [verb]', 'show the help of a verb');
  addDev(program, verbs);
  addPredict(program, verbs);
  addCost(program, verbs);
  return program;
}

function addDev(program: Command, verbs: Verbs): void {
  program
    .command('dev')
    .summary('serve a model directory here and reload it when it changes')
    .description('Serves a model directory on this machine and reloads it when it changes. No Docker, no AWS.')
    .argument('[directory]', 'the directory with predict.py, or the Python file itself', '.')
    .addOption(
      new Option('--port <number>', '0 takes any free one').env('PORT').argParser(port).default(SERVING_DEFAULTS.port),
    )
    .option('--host <address>', '0.0.0.0 lets other machines in', '127.0.0.1')
    .option('--config <file>', "JSON object for the handler's config, read once at the start")
    .option('--workers <number>', 'Python processes', positive, SERVING_DEFAULTS.workers)
    .option(
      '--load-timeout <seconds>',
      'longest time to load the handler',
      positive,
      SERVING_DEFAULTS.loadTimeoutMs / 1000,
    )
    .option('--no-reload', 'do not watch for changes')
    .option('--json', 'print one JSON object a line on standard output')
    .option('--debug', 'show the lines of the gateway in full')
    .addHelpText('before', examples('dev', 'dev models/iris --port 9000', 'dev models/iris --config staging.json'))
    .action((target, options) => verbs.dev(target, options));
}

function addPredict(program: Command, verbs: Verbs): void {
  program
    .command('predict')
    .summary('send one request to a directory, a URL or a deployed stack')
    .description('Sends one request and prints the result. A directory is served for that one request.')
    .argument('[target]', 'a model directory (default: this one), or the URL of an API')
    .option('-i, --input <name=value>', INPUT_HELP, collect)
    .option('--json <body>', "the whole body: '{...}', @file, or @- for standard input")
    .option('-o, --output <file>', 'write the result to a file')
    .option('--stack <name>', 'ask a deployed stack, through its probe function')
    .option('--api <id>', 'which API, where the stack has several')
    .option('--region <region>', 'AWS region of the stack')
    .option('--profile <name>', 'AWS profile to use')
    .option('--config <file>', "JSON object for the handler's config, for a directory")
    .option(
      '--load-timeout <seconds>',
      'longest time to load the handler',
      positive,
      SERVING_DEFAULTS.loadTimeoutMs / 1000,
    )
    .option('--json-errors', 'print a failure as {"error": {...}} on standard output')
    .addHelpText('before', examples(...PREDICT_EXAMPLES))
    .addHelpText('after', `\n${KEY_HELP}`)
    .action((target, options) => verbs.predict(target, options));
}

function addCost(program: Command, verbs: Verbs): void {
  program
    .command('cost')
    .summary('estimate what the APIs of a synthesized app cost')
    .description(
      'Reads the templates that "npx cdk synth" wrote and estimates what their APIs cost a month. No AWS access.',
    )
    .argument('[assembly]', 'the directory that "npx cdk synth" wrote (default: cdk.out)')
    .option('--stack <name>', 'only the APIs of this stack')
    .option('--predict-ms <milliseconds>', 'how long a prediction takes (default: 100, an assumption)', milliseconds)
    .option('--region <region>', 'region of stacks that do not say one (default: AWS_REGION, else us-east-1)')
    .option('--prices <file>', 'JSON with prices that go before those of the table')
    .option('--json', 'print the estimate as one JSON object')
    .addHelpText('before', examples(...COST_EXAMPLES))
    .addHelpText('after', `\nThe form of --prices: ${PRICES_PAGE}`)
    .action((target, options) => verbs.cost(target, options));
}

const COST_EXAMPLES = ['cost', 'cost cdk.out --stack Production --predict-ms 35', 'cost --prices ours.json --json'];

const INPUT_HELP = `one argument, repeatable: JSON where it parses, else text; @file for a file's text (base64 where it is not UTF-8), @base64:file for base64 always`;

const KEY_HELP = `Where a URL asks for an API key, it is taken from the environment variable ${KEY_VARIABLE}.`;

const PREDICT_EXAMPLES = [
  'predict models/iris --json @body.json',
  'predict models/cats -i image=@cat.jpg -i top_k=3 -o result.json',
  'predict http://127.0.0.1:8080 --json @body.json',
  'predict --stack Production --json @body.json',
];

const EXIT_CODES = `Exit codes: 0 done, 1 failed, 2 wrong arguments, 3 the handler cannot be loaded,
            5 the API cannot be reached, 130 interrupted`;

function examples(...commands: string[]): string {
  return `Examples:\n${commands.map((command) => `  $ npx cdk-model-api ${command}`).join('\n')}\n`;
}

function port(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= 65_535) return value;
  throw new InvalidArgumentError('Expected a number from 0 to 65535.');
}

function positive(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError('Expected a whole number from 1 up.');
}

function milliseconds(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('Expected a number above 0.');
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}
