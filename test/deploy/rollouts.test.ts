/**
 * `examples/blue-green` and `examples/canary` against a moto server: the rule with both groups, the function that judges new versions and the role
 * by which Amazon ECS would move callers. What ECS does with them no emulator shows.
 */
import { DescribeRulesCommand, ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { GetFunctionConfigurationCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeWith } from '../setup/needs';
import { clientOptions, type DeployedStack, type Deployment, deploy, idOf, resourcesOf } from './deployment';
import { defineIgnored, holedResources, ignoredTypes, propertiesOf, rewrite } from './ignored';
import { inventory, keptInventory } from './inventory';
import type { Echo } from './own-apis/own-api';
import { ecsService, FORGOTTEN_BY_ECS, SERVICE_APIS, WITHOUT_API } from './own-apis/service';

const RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule';

describe.each(['blue-green', 'canary'])('of examples/%s', (name) => {
  describeWith(['moto'], 'cdk deploy and destroy', () => {
    let example: Deployment;
    let stack: DeployedStack;
    let types: string[];
    let echoes: Map<string, Echo[]>;

    beforeAll(async () => {
      example = await deploy(name);
      stack = example.stacks[0] as DeployedStack;
      types = ignoredTypes(example);
      const holed = holedResources(example);
      echoes = await defineIgnored(example);
      await rewrite(example, holed);
    }, 120_000);
    afterAll(() => example?.end());

    /** The physical id of the only resource of the type whose logical id begins so. */
    function idAt(type: string, start: string): string {
      const [only, ...others] = resourcesOf(stack, type).filter(([id]) => id.startsWith(start));
      expect(others).toEqual([]);
      return stack.physicalIds.get(only?.[0] ?? '') ?? '';
    }

    test('moto leaves out what it leaves out of examples/iris, and takes the rest', () => {
      expect(types).toEqual([...Object.keys(SERVICE_APIS), ...Object.keys(WITHOUT_API)].sort());
      for (const [type, found] of echoes) {
        expect(found, type).toHaveLength(resourcesOf(stack, type).length);
        for (const { sent, received } of found) expect(received, type).toMatchObject(sent);
      }
    });

    test('the rule leads all requests to the first of two groups', async () => {
      const client = new ElasticLoadBalancingV2Client(clientOptions(example.server));
      const { Rules } = await client.send(new DescribeRulesCommand({ RuleArns: [idOf(stack, RULE)] }));
      const groups = Rules?.[0]?.Actions?.[0]?.ForwardConfig?.TargetGroups;
      expect(groups?.map(({ TargetGroupArn, Weight }) => [TargetGroupArn, Number(Weight)])).toEqual([
        [idAt('AWS::ElasticLoadBalancingV2::TargetGroup', 'IrisTargetGroup'), 100],
        [idAt('AWS::ElasticLoadBalancingV2::TargetGroup', 'IrisTargetAlternateGroup'), 0],
      ]);
    });

    test('the function that judges knows both groups and the rule', async () => {
      const FunctionName = idAt('AWS::Lambda::Function', 'IrisRolloutCheckFunction');
      const client = new LambdaClient(clientOptions(example.server));
      const { Environment, Handler } = await client.send(new GetFunctionConfigurationCommand({ FunctionName }));
      expect(Handler).toBe('index.rolloutCheck');
      expect(Environment?.Variables).toMatchObject({
        TARGET_GROUP_ARN: idAt('AWS::ElasticLoadBalancingV2::TargetGroup', 'IrisTargetGroup'),
        ALTERNATE_TARGET_GROUP_ARN: idAt('AWS::ElasticLoadBalancingV2::TargetGroup', 'IrisTargetAlternateGroup'),
        LISTENER_RULE_ARN: idOf(stack, RULE),
      });
    });

    test('Amazon ECS has a role to move callers by, whose policy moto does not know', async () => {
      const RoleName = idAt('AWS::IAM::Role', 'IrisTrafficRole');
      const client = new IAMClient(clientOptions(example.server));
      const { Role } = await client.send(new GetRoleCommand({ RoleName }));
      expect(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? '')).toContain('ecs.amazonaws.com');
    });

    test('the ECS service comes back as declared, but for what moto forgets', async () => {
      const [[id]] = resourcesOf(stack, 'AWS::ECS::Service') as [[string, unknown]];
      const { sent, received = {} } = await ecsService(propertiesOf(example, stack, id), clientOptions(example.server));
      const properties = Object.entries(sent);
      expect(properties.map(([name]) => name).filter((name) => !(name in received))).toEqual(FORGOTTEN_BY_ECS);
      expect(received).toMatchObject(Object.fromEntries(properties.filter(([name]) => name in received)));
    });

    test('destroy leaves nothing but what its removal policies keep', async () => {
      await example.assembly.cdk('destroy', example.assembly.selector, '--force');
      expect(await inventory(example)).toEqual(keptInventory(example));
    }, 60_000);
  });
});
