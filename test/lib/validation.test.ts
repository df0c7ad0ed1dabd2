/**
 * The CDK's own template validator, which knows every resource's schema. It takes seconds to start, so that the other
 * suites leave it off and this one judges all variants in one app.
 */
import type { App } from 'aws-cdk-lib';
import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { findingsOf, testApp } from './assembly';
import { stackIn } from './declaration';
import { VARIANTS } from './variants';

function validatedApp(): App {
  vi.stubEnv('CDK_VALIDATION', 'true');
  onTestFinished(() => void vi.unstubAllEnvs());
  return testApp();
}

describe('the template validator', () => {
  test('finds nothing in any variant', { timeout: 180_000 }, () => {
    const app = validatedApp();
    for (const declare of Object.values(VARIANTS)) declare(app);
    expect(findingsOf(app)).toEqual([]);
  });

  test('is heard when there is something to find', { timeout: 60_000 }, () => {
    const app = validatedApp();
    new CfnBucket(stackIn(app), 'Bucket').addPropertyOverride('NoSuchProperty', 1);
    expect(findingsOf(app).join()).toContain('F3002 Stack/Bucket');
  });
});
