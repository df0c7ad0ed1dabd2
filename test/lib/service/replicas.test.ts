/** The ECS service: how replicas come, go and are replaced. */
import { Duration, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import { describe, expect, test } from 'vitest';
import { type ModelApiProps, ModelPlatform } from '../../../lib';
import { apiIn, declared, only, stackIn } from '../declaration';

const SERVICE = 'AWS::ECS::Service';

describe('the service', () => {
  test('replaces replicas without losing one, and takes a bad version back', () => {
    expect(only(declared(), SERVICE)).toMatchObject({
      DeploymentConfiguration: {
        MinimumHealthyPercent: 100,
        MaximumPercent: 200,
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
      },
      AvailabilityZoneRebalancing: 'ENABLED',
    });
  });

  test('keeps the running count at a redeploy', () => {
    expect(only(declared(), SERVICE)).not.toHaveProperty('DesiredCount');
  });

  test('waits with health checks until the model may have loaded', () => {
    expect(only(declared({ loadTimeout: Duration.minutes(2) }), SERVICE).HealthCheckGracePeriodSeconds).toBe(150);
  });

  test('always has a capacity provider strategy, since changing to one would replace it', () => {
    const service = only(declared(), SERVICE);
    expect(service.CapacityProviderStrategy).toEqual([{ CapacityProvider: 'FARGATE', Weight: 1 }]);
    expect(service).not.toHaveProperty('LaunchType');
  });

  test('starts when its image can be pulled, by a route and with a permission', () => {
    const [service] = Object.values(declared().findResources(SERVICE));
    const waits = service?.DependsOn.join(' ');
    expect(waits).toMatch(/ExecutionRoleDefaultPolicy/);
    expect(waits).toMatch(/PrivateSubnet1DefaultRoute/);
    expect(waits).toMatch(/TargetRule/);
  });

  test.each<[string, (stack: Stack) => Partial<ModelApiProps>]>([
    ['its own cluster', () => ({})],
    [
      'a given cluster of the same stack',
      (stack) => {
        const cluster = new Cluster(stack, 'Cluster', {
          vpc: new Vpc(stack, 'Vpc'),
          enableFargateCapacityProviders: true,
        });
        return { platform: new ModelPlatform(stack, 'Platform', { cluster }) };
      },
    ],
  ])('comes after the capacity providers of %s, and goes before them', (_, propsIn) => {
    const stack = stackIn();
    apiIn(stack, propsIn(stack));
    const template = Template.fromStack(stack);
    const [association] = Object.keys(template.findResources('AWS::ECS::ClusterCapacityProviderAssociations'));
    const [service] = Object.values(template.findResources(SERVICE));
    expect(service?.DependsOn).toContain(association);
  });
});

test('a replica takes requests from the load balancer and the probe, health checks from the load balancer, nothing else', () => {
  const stack = stackIn();
  apiIn(stack);
  const rules = Object.values(Template.fromStack(stack).findResources('AWS::EC2::SecurityGroupIngress'));
  const admitted = rules.map(({ Properties }) => [
    Properties.SourceSecurityGroupId['Fn::GetAtt'][0],
    Properties.FromPort,
  ]);
  expect(admitted.sort()).toEqual([
    [expect.stringMatching(/^ApiPlatformInternalSecurityGroup/), 8080],
    [expect.stringMatching(/^ApiPlatformInternalSecurityGroup/), 8081],
    [expect.stringMatching(/^ApiProbeSecurityGroup/), 8080],
  ]);
});
