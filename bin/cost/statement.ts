/** What an estimate rests on and what it leaves out, in sentences that are printed with it: numbers alone would lie. */
import type { Estimate } from './estimate';
import type { PriceBook } from './price-book';
import { HOURS_A_MONTH } from './situations';
import { REQUEST } from './usage';

export interface Statement {
  readonly predictMs: number;
  /** Of the table that comes with this package. */
  readonly priceDate: string;
  readonly priceSource: string;
  readonly overriddenBy?: Overriding;
  readonly assumptions: readonly string[];
  readonly leftOut: readonly string[];
}

/** The file of `--prices`, and what it says of itself. */
export interface Overriding {
  readonly file: string;
  readonly date?: string;
  readonly source?: string;
  /** Paths of its prices that nothing was computed with. */
  readonly unused: readonly string[];
}

export interface StatementOptions {
  readonly predictMs: number;
  /** Whether the user said so; else it is a guess. */
  readonly isMeasured: boolean;
  readonly prices: PriceBook;
  /** What was taken for stacks that may be deployed to any region. */
  readonly region?: string;
}

const LEFT_OUT = [
  'data transfer: out of AWS, between zones, through NAT gateways and endpoints',
  'storage of logs, access logs and images; the probe function; what the handler itself uses of AWS',
  "metrics of the handler's own and BatchSize; deployments, in which old and new replicas run side by side",
  'free tiers, Savings Plans, reservations, taxes',
];

export function statementOf(estimate: Estimate, options: StatementOptions): Statement {
  const {
    predictMs,
    prices: { table, given },
  } = options;
  return {
    predictMs,
    priceDate: table.date,
    priceSource: table.source,
    overriddenBy: given && {
      file: given.file,
      date: given.prices.date,
      source: given.prices.source,
      unused: estimate.unusedPrices,
    },
    assumptions: [
      `a prediction takes ${predictMs} ms${options.isMeasured ? '' : ', which nobody measured: give yours by --predict-ms'}`,
      'idle: the fewest replicas, no traffic; target: as many, each as busy as scaling lets it become; max: the most, as busy',
      `a month has ${HOURS_A_MONTH} hours`,
      ...(options.region ? [`stacks without a region are taken to ${options.region}: another by --region`] : []),
      `a request opens a connection, moves ${REQUEST.kilobytes} KB and writes ${REQUEST.logBytes} bytes of log, of at most ${REQUEST.loggedPerSecond} requests a second and replica`,
      ...spotIn(estimate),
      ...endpointsIn(estimate),
      ...(given ? ['prices of --prices go before those of the table; SageMaker is a multiple of its list prices'] : []),
      ...unusedIn(estimate),
    ],
    leftOut: LEFT_OUT,
  };
}

function spotIn({ apis }: Estimate): string[] {
  const hasSpot = apis.some(({ hasSpot }) => hasSpot);
  return hasSpot ? ['Spot is taken at the discount of the table; its price moves, and capacity may be missing'] : [];
}

function endpointsIn({ apis }: Estimate): string[] {
  const isNear = apis.some(({ endpoint }) => endpoint && !endpoint.isSame);
  return isNear
    ? ['where SageMaker has no such instance, it is compared by its cheapest one that is as large as a replica']
    : [];
}

/** As many as a reader looks through. */
const SHOWN = 5;

function unusedIn({ unusedPrices }: Estimate): string[] {
  if (unusedPrices.length === 0) return [];
  const more = unusedPrices.length - SHOWN;
  const names = [...unusedPrices.slice(0, SHOWN), ...(more > 0 ? [`${more} more`] : [])].join(', ');
  return [`of --prices, these are used by nothing here: ${names}`];
}
