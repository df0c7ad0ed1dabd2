/**
 * `model-api cost`: what the APIs of a synthesized assembly cost a month, read from its templates. It asks AWS nothing:
 * prices come from a dated table, which a file of the user's may correct.
 */
import { resolve } from 'node:path';
import { readAssembly, type Stack } from '../cost/assembly';
import { costDocument } from '../cost/document';
import { estimate } from '../cost/estimate';
import { type FoundApi, findApis } from '../cost/model-apis';
import { priceBook } from '../cost/price-book';
import { References } from '../cost/reference';
import { statementOf } from '../cost/statement';
import { CommandFailure, EXIT, usageFailure } from '../failure';
import { costTable } from '../ui/cost-table';
import { shownPath } from '../ui/problem';
import type { Terminal } from '../ui/terminal';

export interface CostOptions {
  /** Only the APIs of this stack. */
  readonly stack?: string;
  /** A file with prices that go before those of the table. */
  readonly prices?: string;
  /** Of stacks that do not say one. */
  readonly region?: string;
  /** How long a prediction takes; left out: an assumption. */
  readonly predictMs?: number;
  readonly json?: boolean;
}

/** The directory into which `cdk synth` writes unless it is told another. */
const DEFAULT_ASSEMBLY = 'cdk.out';

/** Round, and said with every estimate: nobody's model takes exactly that. */
const DEFAULT_PREDICT_MS = 100;

const DEFAULT_REGION = 'us-east-1';

export async function cost(target: string | undefined, options: CostOptions, terminal: Terminal): Promise<void> {
  const folder = resolve(target ?? DEFAULT_ASSEMBLY);
  const prices = priceBook(options.prices);
  const stacks = readAssembly(folder);
  const references = new References(stacks);
  const apis = findApis(references);
  const chosen = chosenOf(apis, stacks, folder, options.stack);
  const { predictMs = DEFAULT_PREDICT_MS } = options;
  const region = options.region || process.env.AWS_REGION || process.env.AWS_DEFAULT_REGION || DEFAULT_REGION;
  const result = estimate(references, apis, chosen, { predictMs, region, prices });
  const isAnyRegion = chosen.some(({ service }) => service.stack.region === undefined);
  const statement = statementOf(result, {
    predictMs,
    isMeasured: options.predictMs !== undefined,
    prices,
    region: isAnyRegion ? region : undefined,
  });
  if (options.json) terminal.data(JSON.stringify(costDocument(result, statement), null, 2));
  else terminal.data(costTable(terminal, result, statement));
}

function chosenOf(
  apis: readonly FoundApi[],
  stacks: readonly Stack[],
  folder: string,
  name?: string,
): readonly FoundApi[] {
  const names = stacks.map((stack) => stack.name).join(', ') || 'none';
  if (apis.length === 0) {
    throw new CommandFailure(
      'no_api',
      EXIT.failed,
      `No stack of ${shownPath(folder)} holds a ModelApi: it has ${names}.`,
      {
        hint: 'Define one with new ModelApi(...), then: npx cdk synth',
      },
    );
  }
  if (name === undefined) return apis;
  const isIt = (stack: Stack) => stack.name === name || stack.deployedAs === name;
  const chosen = apis.filter(({ service }) => isIt(service.stack));
  if (chosen.length > 0) return chosen;
  const withApis = [...new Set(apis.map(({ service }) => service.stack.name))].join(', ');
  const why = stacks.some(isIt) ? 'holds no ModelApi' : `is not in ${shownPath(folder)}`;
  throw usageFailure('no_api_in_stack', `Stack ${name} ${why}.`, { hint: `These stacks hold one: ${withApis}` });
}
