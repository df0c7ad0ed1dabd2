/**
 * `examples/split-stacks` against a moto server: three stacks, deployed in order and destroyed in reverse. What one stack
 * takes from another is what was deployed there, whether the CDK writes exports and imports or reads outputs.
 */
import { CloudFormationClient, ListExportsCommand } from '@aws-sdk/client-cloudformation';
import { DescribeServicesCommand, ECSClient } from '@aws-sdk/client-ecs';
import {
  DescribeListenersCommand,
  DescribeRulesCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../setup/needs';
import { clientOptions, type DeployedStack, type Deployment, deploy, idOf, resourcesOf } from './deployment';
import { defineIgnored, ignoredTypes, propertiesOf } from './ignored';
import { inventory, keptInventory } from './inventory';
import type { Echo } from './own-apis/own-api';
import { SERVICE_APIS, WITHOUT_API } from './own-apis/service';

const FLAG = '@aws-cdk/core:defaultCrossStackReferences';

/** How the CDK refers from one stack to another: with the flag of a new project, and without. */
const WAYS = [
  { way: 'by outputs', strength: 'weak', functionName: 'Fn::GetStackOutput', exports: false },
  { way: 'by exports', strength: 'strong', functionName: 'Fn::ImportValue', exports: true },
];

for (const { way, strength, functionName, exports } of WAYS) {
  describeWith(['moto'], `cdk deploy and destroy of examples/split-stacks, ${way}`, () => {
    let example: Deployment;
    let platform: DeployedStack;
    let apis: readonly DeployedStack[];
    let types: string[];
    let echoes: Map<string, Echo[]>;

    beforeAll(async () => {
      example = await deploy('split-stacks', { context: { [FLAG]: strength } });
      const [first, ...others] = example.stacks;
      [platform, apis] = [first as DeployedStack, others];
      types = ignoredTypes(example);
      echoes = await defineIgnored(example);
    }, 120_000);
    afterAll(() => example?.end());

    test('the platform comes first, and its stack knows nothing of the others', () => {
      const names = example.stacks.map(({ stackName }) => stackName.replace('split-stacks-example-', ''));
      expect([names[0], ...names.slice(1).sort()]).toEqual(['Platform', 'Churn', 'Iris']);
      expect(JSON.stringify(platform.template)).not.toContain('Fn::ImportValue');
      expect(JSON.stringify(platform.template)).not.toContain('Fn::GetStackOutput');
    });

    test(`the API stacks refer to it ${way}`, async () => {
      for (const { template } of apis) expect(JSON.stringify(template)).toContain(functionName);
      const { Exports } = await new CloudFormationClient(clientOptions(example.server)).send(new ListExportsCommand());
      const ours = Exports?.filter(({ Name }) => Name?.startsWith(platform.stackName)) ?? [];
      expect(ours.length > 0).toBe(exports);
    });

    test("each API has a rule on the platform's listener", async () => {
      const client = new ElasticLoadBalancingV2Client(clientOptions(example.server));
      const LoadBalancerArn = idOf(platform, 'AWS::ElasticLoadBalancingV2::LoadBalancer');
      const { Listeners } = await client.send(new DescribeListenersCommand({ LoadBalancerArn }));
      const { Rules = [] } = await client.send(
        new DescribeRulesCommand({ ListenerArn: Listeners?.[0]?.ListenerArn as string }),
      );
      const groups = Rules.flatMap(({ Actions = [] }) => Actions.flatMap(({ TargetGroupArn = [] }) => TargetGroupArn));
      expect(groups.sort()).toEqual(apis.map((api) => idOf(api, 'AWS::ElasticLoadBalancingV2::TargetGroup')).sort());
    });

    test("each API's service runs in the platform's cluster and subnets", async () => {
      const client = new ECSClient(clientOptions(example.server));
      const cluster = idOf(platform, 'AWS::ECS::Cluster');
      const subnets = resourcesOf(platform, 'AWS::EC2::Subnet').map(([id]) => platform.physicalIds.get(id));
      for (const api of apis) {
        const service = idOf(api, 'AWS::ECS::Service');
        const { services } = await client.send(new DescribeServicesCommand({ cluster, services: [service] }));
        expect(services?.[0]?.serviceArn).toBe(service);
        const [[id]] = resourcesOf(api, 'AWS::ECS::Service') as [[string, unknown]];
        const { AwsvpcConfiguration } = propertiesOf(example, api, id).NetworkConfiguration;
        expect(subnets).toEqual(expect.arrayContaining(AwsvpcConfiguration.Subnets));
      }
    });

    test('what moto leaves out comes back as declared, in every stack', () => {
      expect(types).toEqual([...Object.keys(SERVICE_APIS), ...Object.keys(WITHOUT_API)].sort());
      for (const [type, found] of echoes) {
        expect(found, type).toHaveLength(example.stacks.flatMap((stack) => resourcesOf(stack, type)).length);
        for (const { sent, received } of found) expect(received, type).toMatchObject(sent);
      }
    });

    test('destroy leaves nothing but what its removal policies keep', async () => {
      await example.assembly.cdk('destroy', example.assembly.selector, '--force');
      expect(await inventory(example)).toEqual(keptInventory(example));
    }, 60_000);
  });
}
