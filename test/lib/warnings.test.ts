/** docs/warnings.md tells of every warning that the library can give, and how to say that one is known. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Annotations } from 'aws-cdk-lib';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { testApp } from './assembly';
import { apiIn, stackIn, warningsOf } from './declaration';
import { librarySources } from './replacement/sayable';

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/warnings.md'), 'utf8');

/** Ways to warn: the CDK's, and ours that put the prefix before an id. */
const WARNS = ['addWarningV2', 'warning', 'warn'];
const PREFIX = 'cdk-model-api:';

interface Warning {
  /** Undefined where it is passed on from one of our own. */
  readonly id?: string;
}

function warningsIn(source: string): Warning[] {
  const file = ts.createSourceFile('source.ts', source, ts.ScriptTarget.ES2022, true);
  const found: Warning[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const [id] = node.arguments;
      if (WARNS.includes(node.expression.name.text))
        found.push({ id: id && ts.isStringLiteral(id) ? id.text : undefined });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

test('every warning of the library has a row', () => {
  const ids = librarySources()
    .flatMap(warningsIn)
    .flatMap(({ id }) => id ?? []);
  const rows = [...PAGE.matchAll(/^\| `(.+?)` \| (.+) \| (.+) \|$/gm)].map(([, id]) => id);
  expect(ids.length).toBeGreaterThan(10);
  expect(rows).toEqual(ids.map((id) => `${PREFIX}${id.replace(PREFIX, '')}`).sort());
});

test('none is given by an id that the list cannot see, but for the two that pass one on', () => {
  const passedOn = librarySources().filter((source) => warningsIn(source).some(({ id }) => id === undefined));
  const openings = passedOn.map((source) => source.slice(0, source.indexOf('*/')).replace(/\s+\*?\s*/g, ' '));
  expect(openings).toEqual([expect.stringContaining('image'), expect.stringContaining('One page for everything')]);
});

test('one that is acknowledged as the page says is not given', () => {
  const stack = stackIn(testApp(), 'Stack', {});
  const api = apiIn(stack);
  expect(warningsOf(stack)).toEqual(['cdk-model-api:noAccessLogs']);
  Annotations.of(api).acknowledgeWarning('cdk-model-api:noAccessLogs', 'no region on purpose');
  expect(PAGE).toContain("Annotations.of(api).acknowledgeWarning('cdk-model-api:");
  expect(warningsOf(stack)).toEqual([]);
});
