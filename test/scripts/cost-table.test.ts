import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { currentPage } from '../../scripts/cost-table';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = readFileSync(join(ROOT, 'docs/cost.md'), 'utf8');

test('docs/cost.md has what the command says of the examples: else npm run docs:cost', {
  timeout: 120_000,
}, async () => {
  expect(await currentPage()).toBe(PAGE);
});

test('its links lead somewhere', () => {
  const links = [...PAGE.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, link]) => link as string);
  expect(links.filter((link) => !existsSync(join(ROOT, 'docs', link)))).toEqual([]);
});

test('it lists every price of the table', () => {
  const prices = JSON.parse(readFileSync(join(ROOT, 'bin/cost/prices.json'), 'utf8'));
  const keys = [prices.everywhere, ...Object.values(prices.regions)].flatMap((place) => Object.keys(place as object));
  expect([...new Set(keys)].filter((key) => !PAGE.includes(`\`${key}\``))).toEqual([]);
});
