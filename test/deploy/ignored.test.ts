/**
 * What moto's CloudFormation leaves out of `examples/iris`: the properties of the deployed template, resolved, are taken
 * by each service's own API and read back unchanged.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../setup/needs';
import { clientOptions, type DeployedStack, type Deployment, deploy, resourcesOf } from './deployment';
import { defineIgnored, holedResources, ignoredTypes, propertiesOf, rewrite, sendWithoutApi } from './ignored';
import type { Echo } from './own-apis/own-api';
import { ecsService, FORGOTTEN_BY_ECS, SERVICE_APIS, WITHOUT_API } from './own-apis/service';

const IGNORED = Object.keys(SERVICE_APIS);
const UNKNOWN = Object.keys(WITHOUT_API);

describeWith(['moto'], 'what CloudFormation ignores on moto', () => {
  let iris: Deployment;
  let stack: DeployedStack;
  let types: string[];
  let echoes: Map<string, Echo[]>;
  let rewritten: Map<string, Echo[]>;

  beforeAll(async () => {
    iris = await deploy('iris');
    stack = iris.stacks[0] as DeployedStack;
    types = ignoredTypes(iris);
    const holed = holedResources(iris);
    echoes = await defineIgnored(iris);
    rewritten = await rewrite(iris, holed);
  }, 120_000);
  afterAll(() => iris?.end());

  test('are exactly these types', () => {
    expect(types).toEqual([...IGNORED, ...UNKNOWN].sort());
  });

  test.each(IGNORED)('%s comes back as declared', (type) => {
    expect(echoes.get(type)).toHaveLength(resourcesOf(stack, type).length);
    for (const { sent, received } of echoes.get(type) ?? []) expect(received).toMatchObject(sent);
  });

  test('the dashboard, which refers to alarms, comes back as declared when it is written again', () => {
    expect([...rewritten.keys()]).toEqual(['AWS::CloudWatch::Dashboard']);
    for (const { sent, received } of [...rewritten.values()].flat()) expect(received).toEqual(sent);
  });

  test('moto has no API for the others either', async () => {
    const refusals = await sendWithoutApi(iris);
    expect([...refusals.keys()]).toEqual(UNKNOWN);
    for (const [type, statuses] of refusals) expect(statuses, type).toEqual(resourcesOf(stack, type).map(() => 500));
  });

  test('the ECS service comes back as declared, but for what moto forgets', async () => {
    const [[id]] = resourcesOf(stack, 'AWS::ECS::Service') as [[string, unknown]];
    const { sent, received = {} } = await ecsService(propertiesOf(iris, stack, id), clientOptions(iris.server));
    const properties = Object.entries(sent);
    expect(properties.map(([name]) => name).filter((name) => !(name in received))).toEqual(FORGOTTEN_BY_ECS);
    expect(received).toMatchObject(Object.fromEntries(properties.filter(([name]) => name in received)));
  });

  test('an alarm watches the load balancer and the target group that were deployed', () => {
    const arnOf = (type: string) => [...stack.physicalIds.values()].find((id) => id.includes(`:${type}/`)) ?? '';
    const watched = [
      { Name: 'LoadBalancer', Value: arnOf('loadbalancer').split(':loadbalancer/')[1] },
      { Name: 'TargetGroup', Value: arnOf('targetgroup').split(':').at(-1) },
    ];
    const alarms = echoes.get('AWS::CloudWatch::Alarm')?.map(({ received }) => received);
    expect(alarms).toContainEqual(expect.objectContaining({ Dimensions: watched }));
  });
});
