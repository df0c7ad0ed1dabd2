/** Where prices are looked up: the dated table that comes with this package, and the user's file that goes before it. */
import { type PriceFile, readPriceFile } from './price-file';
import type { PriceTable } from './price-table';
import shipped from './prices.json';

export interface PriceBook {
  readonly table: PriceTable;
  /** The user's own, which go before those of the table. */
  readonly given?: PriceFile;
}

export function priceBook(file?: string): PriceBook {
  return { table: shipped, given: file === undefined ? undefined : readPriceFile(file) };
}
