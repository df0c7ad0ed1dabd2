/**
 * What moto's CloudFormation leaves out of `examples/iris`: the properties of the deployed template, resolved, are taken
 * by each service's own API and read back unchanged.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../setup/needs';
import type { Resource } from './cdk';
import { clientOptions, type Deployment, deployIris } from './deployment';
import { ecsService, FORGOTTEN_BY_ECS, IGNORED_TYPES } from './own-apis';
import { resolve } from './resolve';

describeWith(['moto'], 'what CloudFormation ignores on moto', () => {
  let iris: Deployment;

  beforeAll(async () => {
    iris = await deployIris();
  }, 120_000);
  afterAll(() => iris?.end());

  function resourcesOf(type: string): Resource[] {
    return Object.values(iris.assembly.template.Resources).filter(({ Type }) => Type === type);
  }

  function propertiesOf({ Properties = {} }: Resource): unknown {
    return resolve(withTarget(Properties), { template: iris.assembly.template, physicalIds: iris.physicalIds });
  }

  /** A scaling policy names its target by a reference to a resource that was not deployed: the API takes its parts. */
  function withTarget({ ScalingTargetId, ...properties }: Record<string, unknown>): Record<string, unknown> {
    if (ScalingTargetId === undefined) return properties;
    const target = iris.assembly.template.Resources[(ScalingTargetId as { Ref: string }).Ref];
    const { ResourceId, ScalableDimension, ServiceNamespace } = target?.Properties ?? {};
    return { ...properties, ResourceId, ScalableDimension, ServiceNamespace };
  }

  test.each(Object.entries(IGNORED_TYPES))('%s comes back as declared', async (type, ownApi) => {
    const resources = resourcesOf(type);
    expect(resources).not.toEqual([]);
    for (const resource of resources) {
      const { sent, received } = await ownApi(propertiesOf(resource), clientOptions(iris.server));
      expect(received).toMatchObject(sent);
    }
  });

  test('the ECS service comes back as declared, but for what moto forgets', async () => {
    const [service] = resourcesOf('AWS::ECS::Service');
    const { sent, received = {} } = await ecsService(propertiesOf(service as Resource), clientOptions(iris.server));
    const properties = Object.entries(sent);
    expect(properties.map(([name]) => name).filter((name) => !(name in received))).toEqual(FORGOTTEN_BY_ECS);
    expect(received).toMatchObject(Object.fromEntries(properties.filter(([name]) => name in received)));
  });

  test('an alarm watches the load balancer and the target group that were deployed', () => {
    const alarms = resourcesOf('AWS::CloudWatch::Alarm').map(
      (alarm) => propertiesOf(alarm) as { Dimensions?: unknown },
    );
    const arnOf = (type: string) => [...iris.physicalIds.values()].find((id) => id.includes(`:${type}/`)) ?? '';
    const watched = [
      { Name: 'LoadBalancer', Value: arnOf('loadbalancer').split(':loadbalancer/')[1] },
      { Name: 'TargetGroup', Value: arnOf('targetgroup').split(':').at(-1) },
    ];
    expect(alarms.map(({ Dimensions }) => Dimensions)).toContainEqual(watched);
  });
});
