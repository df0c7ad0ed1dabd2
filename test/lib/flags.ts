/** The CDK's feature flags: as a new project has them, and as one that is years old may. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE = join(require.resolve('aws-cdk-lib/package.json'), '..', 'recommended-feature-flags.json');

/** What `cdk init` writes into a new project's context. */
export const RECOMMENDED_FLAGS: Readonly<Record<string, unknown>> = JSON.parse(readFileSync(FILE, 'utf8'));

export const FLAGS: readonly [string, Readonly<Record<string, unknown>>][] = [
  ['every recommended flag', RECOMMENDED_FLAGS],
  ['no flag', {}],
];
