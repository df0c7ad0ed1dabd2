/** docs/platform.md: its table of resources and idle dollars is what the templates of its declarations come to. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { expect, test } from 'vitest';
import { Access, Auth, type ModelApiProps, ModelPlatform } from '../../lib';
import { testApp } from './assembly';
import { type Quantities, quantitiesOf } from './cost';
import { apiIn, stackIn, zoneIn } from './declaration';
import { resourcesIn, type StackTemplate, templatesOf } from './whole-apps';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/platform.md'), 'utf8');
const HOURS_A_MONTH = 730;

type Shape = (stack: Stack, name: string) => Partial<ModelApiProps>;

const internal: Shape = (_, name) => ({ path: `/${name}` });

const open: Shape = (stack, name) => {
  const auth = Auth.apiKeys(new Secret(stack, `Keys-${name}`));
  const hostedZone = stack.node.tryFindChild('Zone-example.com') ?? zoneIn(stack);
  const domainName = `${name}.example.com`;
  return { access: Access.public({ domainName, hostedZone: hostedZone as ReturnType<typeof zoneIn>, auth }) };
};

function declare(shape: Shape, names: readonly string[]): StackTemplate[] {
  const app = testApp();
  const stack = stackIn(app);
  const platform = new ModelPlatform(stack, 'Platform');
  for (const name of names) apiIn(stack, { platform, ...shape(stack, name) }, name);
  return templatesOf(app);
}

interface Column {
  readonly quantities: Quantities;
  readonly resources: number;
}

function columnOf(templates: readonly StackTemplate[]): Column {
  return { quantities: quantitiesOf(templates), resources: resourcesIn(templates).length };
}

function less(many: Column, few: Column): Column {
  const rest = Object.entries(many.quantities).map(([what, count]) => [what, count - (few.quantities[what] ?? 0)]);
  return { quantities: Object.fromEntries(rest), resources: many.resources - few.resources };
}

/** The first API and each further one. */
function columnsOf(shape: Shape): [Column, Column] {
  const [one, two, three] = [['a'], ['a', 'b'], ['a', 'b', 'c']].map((names) => columnOf(declare(shape, names))) as [
    Column,
    Column,
    Column,
  ];
  expect(less(three, two)).toEqual(less(two, one));
  return [one, less(two, one)];
}

interface Row {
  readonly what: string;
  readonly price: string;
  readonly cells: readonly number[];
}

const ROWS: Row[] = [...PAGE.matchAll(/^\| (.+?) \| (.*?) \| (.+) \|$/gm)]
  .map(([, what = '', price = '', cells = '']) => ({ what, price, cells: cells.split(' | ').map(Number) }))
  .filter(({ cells }) => cells.length === 4 && cells.every((cell) => !Number.isNaN(cell)));

const rowOf = (what: string) => ROWS.find((row) => row.what === what)?.cells;

function monthly(price: string): number {
  const [, dollars, unit] = /^([\d.]+) (an hour|a month)$/.exec(price) as RegExpExecArray;
  return Number(dollars) * (unit === 'an hour' ? HOURS_A_MONTH : 1);
}

test('the table has the quantities and resources of real templates', () => {
  const columns = [...columnsOf(internal), ...columnsOf(open)];
  const [first] = columns;
  for (const what of Object.keys(first?.quantities ?? {})) {
    expect([what, rowOf(what)]).toEqual([what, columns.map(({ quantities }) => quantities[what])]);
  }
  expect(rowOf('resources')).toEqual(columns.map(({ resources }) => resources));
});

test('its dollars are its quantities times its prices', () => {
  const priced = ROWS.filter(({ price }) => price !== '');
  const dollars = [0, 1, 2, 3].map((column) =>
    priced.reduce((total, { price, cells }) => total + monthly(price) * (cells[column] ?? 0), 0),
  );
  expect(priced).toHaveLength(11);
  expect(rowOf('**dollars a month**')).toEqual(dollars.map((sum) => Math.round(sum)));
});

test('its links lead somewhere', () => {
  const links = [...PAGE.matchAll(/\]\(([^)#:]+)\)/g)].map(([, link = '']) => link);
  expect(links.length).toBeGreaterThan(0);
  expect(links.filter((link) => !existsSync(join(import.meta.dirname, '../../docs', link)))).toEqual([]);
});
