/**
 * The prices of one region. Those that were asked for and are missing are collected, so that one error names them all: a
 * price is never taken for zero.
 */
import { CommandFailure, EXIT } from '../failure';
import { multipleOfLarge } from './instances';
import type { PriceBook } from './price-book';
import { byType, type Layer, layersOf, regionsOf } from './price-layers';
import type { PlacePrices } from './price-table';
import { PRICES_PAGE } from './prices-page';

type NumberKey = {
  [Key in keyof PlacePrices]: PlacePrices[Key] extends number ? Key : never;
}[keyof PlacePrices];

export class Prices {
  readonly #layers: readonly Layer[];
  /** Paths below the region. */
  readonly #missed: string[][] = [];
  /** Paths of the user's file that a price was taken from. */
  readonly used = new Set<string>();

  constructor(
    readonly book: PriceBook,
    readonly region: string,
  ) {
    this.#layers = layersOf(book, region);
    if (!this.#layers.some(({ isOfRegion }) => isOfRegion)) throw noRegion(book, region);
  }

  of(key: NumberKey): number {
    return this.#first((place) => [place[key], key]) ?? this.#missing(key);
  }

  loadBalancer(part: 'hour' | 'capacityUnit'): number {
    const price = this.#first(({ loadBalancer }) => [loadBalancer?.[part], `loadBalancer.${part}`]);
    return price ?? this.#missing('loadBalancer', part);
  }

  fargate(architecture: 'x86' | 'arm', part: 'vcpu' | 'gb'): number {
    const price = this.#first(({ fargate }) => [fargate?.[architecture]?.[part], `fargate.${architecture}.${part}`]);
    return price ?? this.#missing('fargate', architecture, part);
  }

  fargateExtra(part: 'diskGb' | 'spotDiscount'): number {
    return this.#first(({ fargate }) => [fargate?.[part], `fargate.${part}`]) ?? this.#missing('fargate', part);
  }

  /** An instance on demand. */
  ec2(type: string): number {
    return this.ec2OrNone(type) ?? this.#missing('ec2', type);
  }

  /** Undefined where there is no price: AWS may not offer the instance in the region. */
  ec2OrNone(type: string): number | undefined {
    return this.#ec2(type, () => true);
  }

  /** An instance of a real-time endpoint, without its `ml.`; undefined where SageMaker offers none. */
  sagemaker(type: string): number | undefined {
    return this.#first(({ sagemaker, sagemakerMarkup = {} }) => {
      const own = sagemaker?.[`ml.${type}`];
      if (own !== undefined) return [own, `sagemaker.ml.${type}`];
      const [key, markup] = byType(sagemakerMarkup, type);
      const price = markup === undefined ? undefined : this.#listPrice(type);
      return [price === undefined ? undefined : price * (markup ?? 1), `sagemakerMarkup.${key}`];
    });
  }

  /** AWS's own, of which SageMaker's is a multiple, whatever the user pays for EC2; the user's where there is no other. */
  #listPrice(type: string): number | undefined {
    return this.#ec2(type, ({ isGiven }) => !isGiven) ?? this.ec2OrNone(type);
  }

  #ec2(type: string, isAsked: (layer: Layer) => boolean): number | undefined {
    return this.#first(({ ec2 = {} }) => {
      const [key, price] = byType(ec2, type);
      const multiple = key === type ? 1 : multipleOfLarge(type);
      return [price === undefined || multiple === undefined ? undefined : price * multiple, `ec2.${key}`];
    }, isAsked);
  }

  /** From the first layer that has it; which price of the user's that was is noted. */
  #first(
    find: (place: Partial<PlacePrices>) => readonly [number | undefined, string],
    isAsked: (layer: Layer) => boolean = () => true,
  ): number | undefined {
    for (const layer of this.#layers.filter(isAsked)) {
      const [price, path] = find(layer.place);
      if (price === undefined) continue;
      if (layer.isGiven) this.used.add(`${layer.name}.${path}`);
      return price;
    }
    return undefined;
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

function noRegion(book: PriceBook, region: string): CommandFailure {
  const known = regionsOf(book).join(', ');
  return new CommandFailure(
    'no_region_prices',
    EXIT.usage,
    `The price table has no region ${region}: it has ${known}.`,
    {
      hint: `Add regions.${region} to a file for --prices, as in ${PRICES_PAGE}; or estimate by another: --region us-east-1`,
    },
  );
}
