/**
 * The shape of a table of prices, the dated one that comes with this package, and how a file of the user's is laid over
 * it. A mistake in that file is told with the path of what is wrong.
 */
import { usageFailure } from '../failure';
import { readJsonFile } from '../json-source';
import shipped from './prices.json';
import { PRICES_PAGE } from './prices-page';

/** Dollars: an hour, unless the name or its comment says otherwise. */
export interface PlacePrices {
  readonly fargate: {
    readonly x86?: { readonly vcpu: number; readonly gb: number };
    readonly arm?: { readonly vcpu: number; readonly gb: number };
    /** A GB of disk beyond the first 20. */
    readonly diskGb?: number;
    /** The share that Spot is cheaper by. */
    readonly spotDiscount?: number;
  };
  /** By instance type, or by family: the price of its `large`, to which its other sizes are in proportion. */
  readonly ec2: Readonly<Record<string, number>>;
  readonly ec2SpotDiscount: number;
  /** What ECS Managed Instances cost beside the instance, as a share of its price on demand. */
  readonly managedInstancesFee: number;
  /** A GB of volume, a month. */
  readonly diskGbMonth: number;
  readonly loadBalancer: { readonly hour: number; readonly capacityUnit: number };
  readonly natGateway: number;
  readonly vpcEndpoint: number;
  readonly publicIp: number;
  /** A GB that is taken in. */
  readonly logsGb: number;
  /** These are a month. */
  readonly metric: number;
  readonly alarm: number;
  readonly highResolutionAlarm: number;
  readonly compositeAlarm: number;
  readonly dashboard: number;
  readonly secret: number;
  readonly webAcl: number;
  readonly webAclRule: number;
  readonly webAclMillionRequests: number;
  /** Real-time endpoints, by instance type with its `ml.`: where one is missing, EC2's price times `sagemakerMarkup`. */
  readonly sagemaker: Readonly<Record<string, number>>;
  /** By instance type or family. */
  readonly sagemakerMarkup: Readonly<Record<string, number>>;
}

export interface PriceTable {
  /** When the prices were taken. */
  readonly date: string;
  readonly source: string;
  /** What is the same in all regions, or what a region does not say. */
  readonly everywhere: Partial<PlacePrices>;
  readonly regions: Readonly<Record<string, Partial<PlacePrices>>>;
}

type Shape = 'dollars' | 'share' | 'text' | { readonly [key: string]: Shape };

/** Any key, with values of one shape. */
const EACH = '*';

const PLACE = {
  fargate: {
    x86: { vcpu: 'dollars', gb: 'dollars' },
    arm: { vcpu: 'dollars', gb: 'dollars' },
    diskGb: 'dollars',
    spotDiscount: 'share',
  },
  ec2: { [EACH]: 'dollars' },
  ec2SpotDiscount: 'share',
  managedInstancesFee: 'share',
  diskGbMonth: 'dollars',
  loadBalancer: { hour: 'dollars', capacityUnit: 'dollars' },
  natGateway: 'dollars',
  vpcEndpoint: 'dollars',
  publicIp: 'dollars',
  logsGb: 'dollars',
  metric: 'dollars',
  alarm: 'dollars',
  highResolutionAlarm: 'dollars',
  compositeAlarm: 'dollars',
  dashboard: 'dollars',
  secret: 'dollars',
  webAcl: 'dollars',
  webAclRule: 'dollars',
  webAclMillionRequests: 'dollars',
  sagemaker: { [EACH]: 'dollars' },
  sagemakerMarkup: { [EACH]: 'dollars' },
} satisfies Record<keyof PlacePrices, Shape>;

const TABLE: Shape = {
  date: 'text',
  source: 'text',
  everywhere: PLACE,
  regions: { [EACH]: PLACE },
} satisfies Record<keyof PriceTable, Shape>;

export function priceTable(overrides?: string): PriceTable {
  const table: PriceTable = shipped;
  if (overrides === undefined) return table;
  const given = readJsonFile('--prices', overrides);
  check(given, TABLE, '');
  return merged(table, given) as PriceTable;
}

function check(value: unknown, shape: Shape, path: string): void {
  if (typeof shape === 'string') {
    if (!isOf(value, shape)) throw invalid(`${path} ${WANTED[shape]} (got ${JSON.stringify(value)})`);
    return;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(`${path} has to be an object (got ${JSON.stringify(value)})`);
  }
  for (const [key, part] of Object.entries(value)) {
    const place = path ? `${path}.${key}` : key;
    const wanted = shape[key] ?? shape[EACH];
    if (!wanted)
      throw invalid(`${place} is no price of this table: ${path || 'the file'} has ${Object.keys(shape).join(', ')}`);
    check(part, wanted, place);
  }
}

const WANTED = {
  dollars: 'has to be a number, 0 or above',
  share: 'has to be a share from 0 to 1',
  text: 'has to be a text',
} as const;

function isOf(value: unknown, shape: keyof typeof WANTED): boolean {
  if (shape === 'text') return typeof value === 'string';
  return typeof value === 'number' && value >= 0 && (shape === 'dollars' || value <= 1);
}

function invalid(what: string) {
  return usageFailure('invalid_prices', `--prices: ${what}.`, {
    hint: `Its form, such as {"regions": {"eu-west-1": {"ec2": {"m7i.large": 0.1}}}}, is in ${PRICES_PAGE}`,
  });
}

function merged(under: unknown, over: unknown): unknown {
  if (!isObject(under) || !isObject(over)) return over;
  const both = Object.entries(over).map(([key, value]) => [key, key in under ? merged(under[key], value) : value]);
  return { ...under, ...Object.fromEntries(both) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
