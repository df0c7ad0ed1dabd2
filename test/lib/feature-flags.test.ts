/** The app's owner decides about feature flags: everything synthesizes with all that the CDK recommends, and with none. */
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { testApp } from './assembly';
import { FLAGS, RECOMMENDED_FLAGS } from './flags';
import { VARIANTS } from './variants';

describe.each(FLAGS)('with %s', (_, context) => {
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

/** What one flag adds to a VPC: the resources by which the CDK empties its default security group. */
const DEFAULT_GROUP_EMPTIED = /VpcRestrictDefaultS/;

describe('names are the same with every recommended flag and with none', () => {
  test.each(Object.entries(VARIANTS))('in %s', (_, declare) => {
    const [recommended, none] = [RECOMMENDED_FLAGS, {}].map((context) =>
      declare(testApp({ context })).flatMap((stack) => Object.keys(Template.fromStack(stack).toJSON().Resources)),
    );
    expect(recommended?.filter((id) => !DEFAULT_GROUP_EMPTIED.test(id))).toEqual(none);
  });
});
