/**
 * Whole templates of a few declarations, and the names by which CloudFormation knows their parts. A name that changes
 * replaces what it names: a target group, and with it the API, for everybody who deploys the next release.
 */

import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { testApp } from './assembly';
import { masked } from './declaration';
import { RECOMMENDED_FLAGS } from './flags';
import { VARIANTS, type Variant } from './variants';

const { example, publicApi, givenParts, publicWithKeys } = VARIANTS;

function templatesOf(declare: Variant, context: Readonly<Record<string, unknown>> = {}): Template[] {
  return declare(testApp({ context })).map((stack) => Template.fromStack(stack));
}

/** Logical ids by type: what must not change. */
function namesIn(template: Template): string[] {
  const resources = Object.entries(template.toJSON().Resources as Record<string, { Type: string }>);
  return resources.map(([id, { Type }]) => `${Type} ${id}`).sort();
}

describe('whole templates', () => {
  test.each(Object.entries({ example, publicApi, givenParts }))('%s', (_, declare) => {
    expect(templatesOf(declare).map(masked)).toMatchSnapshot();
  });

  test.each(Object.entries({ example, publicWithKeys }))('%s, in a new project', (_, declare) => {
    expect(templatesOf(declare, RECOMMENDED_FLAGS).map(masked)).toMatchSnapshot();
  });
});

describe('frozen names', () => {
  test.each(Object.entries(VARIANTS))('of %s', (_, declare) => {
    expect(templatesOf(declare).map(namesIn)).toMatchSnapshot();
  });
});
