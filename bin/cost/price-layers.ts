/**
 * In which order a price is looked for: in the user's file before the table that comes with this package, in each for the
 * region before everywhere, and in each of these four for the instance type before its family.
 */
import type { PriceBook } from './price-book';
import type { PlacePrices } from './price-table';

export interface Layer {
  /** As a path of its file. */
  readonly name: string;
  readonly place: Partial<PlacePrices>;
  /** Whether it is the user's. */
  readonly isGiven: boolean;
  readonly isOfRegion: boolean;
}

/** The first goes before the others. */
export function layersOf({ table, given }: PriceBook, region: string): Layer[] {
  const files = [
    { prices: given?.prices ?? {}, isGiven: true },
    { prices: table, isGiven: false },
  ];
  return files.flatMap(({ prices: { regions = {}, everywhere }, isGiven }) => {
    const place = regions[region];
    return [
      ...(place ? [{ name: `regions.${region}`, place, isGiven, isOfRegion: true }] : []),
      ...(everywhere ? [{ name: 'everywhere', place: everywhere, isGiven, isOfRegion: false }] : []),
    ];
  });
}

export function regionsOf({ table, given }: PriceBook): string[] {
  return [...new Set([...Object.keys(table.regions), ...Object.keys(given?.prices.regions ?? {})])];
}

/** The key and the value for an instance type: its own, or that of its family. */
export function byType(values: Readonly<Record<string, number>>, type: string): readonly [string, number | undefined] {
  const [family = ''] = type.split('.');
  return type in values ? [type, values[type]] : [family, values[family]];
}

/** The prices of the user's file, by path, that nothing was taken from. */
export function unusedOf({ given }: PriceBook, used: ReadonlySet<string>): string[] {
  const { everywhere = {}, regions = {} } = given?.prices ?? {};
  return pathsIn({ everywhere, regions }).filter((path) => !used.has(path));
}

function pathsIn(value: object): string[] {
  return Object.entries(value).flatMap(([key, part]) => {
    if (typeof part !== 'object') return [key];
    return pathsIn(part).map((path) => `${key}.${path}`);
  });
}
