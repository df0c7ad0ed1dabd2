/** A file of the user's for `--prices`. A mistake in it is told with the path of what is wrong. */
import { usageFailure } from '../failure';
import { readJsonFile } from '../json-source';
import type { PlacePrices, PriceTable } from './price-table';
import { PRICES_PAGE } from './prices-page';

export interface PriceFile {
  readonly file: string;
  readonly prices: Partial<PriceTable>;
}

export function readPriceFile(file: string): PriceFile {
  const given = readJsonFile('--prices', file);
  check(given, TABLE, '');
  return { file, prices: given as Partial<PriceTable> };
}

type Shape = 'dollars' | 'share' | 'text' | { readonly [key: string]: Shape };

/** Any key, with values of one shape. */
const EACH = '*';

/** Any instance type or family, and any type of an endpoint. */
const INSTANCE = '*instance';
const ENDPOINT = '*endpoint';

const FAMILY = '[a-z][a-z0-9-]*\\d[a-z0-9-]*';
const SIZE = '(nano|micro|small|medium|large|\\d*xlarge|metal(-\\d+xl)?)';

/** What is written otherwise is a slip of the pen, that no instance would ever use. */
const NAMES = {
  [INSTANCE]: {
    form: new RegExp(`^${FAMILY}(\\.${SIZE})?$`),
    such: 'an instance type or family, such as g5.xlarge or m7i',
  },
  [ENDPOINT]: { form: new RegExp(`^ml\\.${FAMILY}\\.${SIZE}$`), such: 'a type of an endpoint, such as ml.g5.xlarge' },
} as const;

const PLACE = {
  fargate: {
    x86: { vcpu: 'dollars', gb: 'dollars' },
    arm: { vcpu: 'dollars', gb: 'dollars' },
    diskGb: 'dollars',
    spotDiscount: 'share',
  },
  ec2: { [INSTANCE]: 'dollars' },
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
  sagemaker: { [ENDPOINT]: 'dollars' },
  sagemakerMarkup: { [INSTANCE]: 'dollars' },
} satisfies Record<keyof PlacePrices, Shape>;

const TABLE: Shape = {
  date: 'text',
  source: 'text',
  everywhere: PLACE,
  regions: { [EACH]: PLACE },
} satisfies Record<keyof PriceTable, Shape>;

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
    const wanted = shape[key] ?? shape[EACH] ?? named(key, shape, place);
    if (!wanted)
      throw invalid(`${place} is no price of this table: ${path || 'the file'} has ${Object.keys(shape).join(', ')}`);
    check(part, wanted, place);
  }
}

function named(key: string, shape: { readonly [key: string]: Shape }, place: string): Shape | undefined {
  for (const kind of [INSTANCE, ENDPOINT] as const) {
    const { form, such } = NAMES[kind];
    if (kind in shape && !form.test(key)) throw invalid(`${place} is not ${such}`);
    if (kind in shape) return shape[kind];
  }
  return undefined;
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
