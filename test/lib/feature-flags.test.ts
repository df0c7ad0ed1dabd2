/** The app's owner decides about feature flags: everything synthesizes with all that the CDK recommends, and with none. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { testApp } from './assembly';
import { VARIANTS } from './variants';

const FLAGS = join(require.resolve('aws-cdk-lib/package.json'), '..', 'recommended-feature-flags.json');
const recommended: Record<string, unknown> = JSON.parse(readFileSync(FLAGS, 'utf8'));

describe.each([
  ['every recommended flag', recommended],
  ['no flag', {}],
])('with %s', (_, context) => {
  test.each(Object.entries(VARIANTS))('%s keeps its promises', (_name, declare) => {
    const apis = declare(testApp({ context })).map((stack) => Template.fromStack(stack));
    const services = apis.flatMap((template) => Object.values(template.findResources('AWS::ECS::Service')));
    expect(services.length).toBeGreaterThan(0);
    for (const { Properties } of services) {
      expect(Properties).not.toHaveProperty('DesiredCount');
      expect(Properties.DeploymentConfiguration.DeploymentCircuitBreaker).toEqual({ Enable: true, Rollback: true });
      expect(Properties.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp).toBe('DISABLED');
    }
  });

  test('a public listener takes no protocol below TLS 1.2', () => {
    const [template] = VARIANTS.publicApi(testApp({ context })).map((stack) => Template.fromStack(stack));
    template?.hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', {
      Port: 443,
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-Res-2021-06',
    });
  });
});
