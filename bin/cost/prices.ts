/**
 * The prices of one region. Those that were asked for and are missing are collected, so that one error names them all: a
 * price is never taken for zero.
 */
import { CommandFailure, EXIT } from '../failure';
import { multipleOfLarge } from './instances';
import type { PlacePrices, PriceTable } from './price-table';
import { PRICES_PAGE } from './prices-page';

type NumberKey = {
  [Key in keyof PlacePrices]: PlacePrices[Key] extends number ? Key : never;
}[keyof PlacePrices];

export class Prices {
  readonly #place: Partial<PlacePrices>;
  /** Paths below the region. */
  readonly #missed: string[][] = [];

  constructor(
    readonly table: PriceTable,
    readonly region: string,
  ) {
    const place = table.regions[region];
    if (!place) throw noRegion(table, region);
    this.#place = place;
  }

  of(key: NumberKey): number {
    return this.#place[key] ?? this.table.everywhere[key] ?? this.#missing(key);
  }

  loadBalancer(part: 'hour' | 'capacityUnit'): number {
    return this.#nested('loadBalancer')?.[part] ?? this.#missing('loadBalancer', part);
  }

  fargate(architecture: 'x86' | 'arm', part: 'vcpu' | 'gb'): number {
    return this.#nested('fargate')?.[architecture]?.[part] ?? this.#missing('fargate', architecture, part);
  }

  fargateExtra(part: 'diskGb' | 'spotDiscount'): number {
    const everywhere = this.table.everywhere.fargate?.[part];
    return this.#nested('fargate')?.[part] ?? everywhere ?? this.#missing('fargate', part);
  }

  /** An instance on demand. */
  ec2(type: string): number {
    return this.ec2OrNone(type) ?? this.#missing('ec2', type);
  }

  /** Undefined where the table has no price: AWS may not offer the instance in the region. */
  ec2OrNone(type: string): number | undefined {
    const { ec2 = {} } = this.#place;
    const [large, multiple] = [ec2[type.split('.')[0] ?? ''], multipleOfLarge(type)];
    return ec2[type] ?? (large === undefined || multiple === undefined ? undefined : large * multiple);
  }

  /** An instance of a real-time endpoint, without its `ml.`; undefined where SageMaker offers none. */
  sagemaker(type: string): number | undefined {
    const own = this.#place.sagemaker?.[`ml.${type}`] ?? this.table.everywhere.sagemaker?.[`ml.${type}`];
    if (own !== undefined) return own;
    const markups = { ...this.table.everywhere.sagemakerMarkup, ...this.#place.sagemakerMarkup };
    const markup = markups[type] ?? markups[type.split('.')[0] ?? ''];
    const price = this.ec2OrNone(type);
    return markup === undefined || price === undefined ? undefined : price * markup;
  }

  #nested<Key extends 'fargate' | 'loadBalancer'>(key: Key): Partial<PlacePrices[Key]> | undefined {
    return this.#place[key] as Partial<PlacePrices[Key]> | undefined;
  }

  /** Throws when anything that was asked for is missing: what was computed is worth nothing then. */
  refuseGaps(): void {
    if (this.#missed.length === 0) return;
    const names = [...new Set(this.#missed.map((path) => path.slice(path[0] === 'ec2' ? 1 : 0).join('.')))];
    const example = {};
    for (const path of this.#missed) put(example, path);
    throw new CommandFailure('no_price', EXIT.usage, `The price table has no ${names.join(', ')} in ${this.region}.`, {
      hint: `Add to a file for --prices, with the right dollars: ${JSON.stringify({ regions: { [this.region]: example } })}`,
    });
  }

  /** What stands for a price until `refuseGaps`. */
  #missing(...path: string[]): number {
    this.#missed.push(path);
    return 0;
  }
}

type Nested = { [key: string]: Nested | number };

function put(place: Nested, [key = '', ...rest]: readonly string[]): void {
  if (rest.length === 0) {
    place[key] = 0.1;
    return;
  }
  place[key] ??= {};
  put(place[key] as Nested, rest);
}

function noRegion(table: PriceTable, region: string): CommandFailure {
  const known = Object.keys(table.regions).join(', ');
  return new CommandFailure(
    'no_region_prices',
    EXIT.usage,
    `The price table has no region ${region}: it has ${known}.`,
    {
      hint: `Add regions.${region} to a file for --prices, as in ${PRICES_PAGE}; or estimate by another: --region us-east-1`,
    },
  );
}
