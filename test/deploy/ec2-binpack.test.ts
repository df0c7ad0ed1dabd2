/**
 * `examples/ec2-binpack` against a moto server: three APIs on one fleet of instances. moto starts no instance and no
 * replica, so that this shows that the parts come and go, and refer to each other; docs/testing.md says what it does not.
 */
import { DescribeLaunchTemplateVersionsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeCapacityProvidersCommand, DescribeClustersCommand, ECSClient } from '@aws-sdk/client-ecs';
import { GetInstanceProfileCommand, GetRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../setup/needs';
import { clientOptions, type DeployedStack, type Deployment, deploy, idOf as idIn, resourcesOf } from './deployment';
import { defineIgnored, ignoredTypes, propertiesOf } from './ignored';
import { inventory, keptInventory } from './inventory';
import { FLEET_APIS } from './own-apis/fleet';
import type { Echo, OwnApi } from './own-apis/own-api';
import { REWRITE_APIS } from './own-apis/rewrite';
import { ecsService, FORGOTTEN_BY_ECS, SERVICE_APIS, WITHOUT_API } from './own-apis/service';

/** What moto's ECS API forgets of a service on instances, beside what it forgets of every service. */
const FORGOTTEN = [...FORGOTTEN_BY_ECS, 'placementStrategies'];

describeWith(['moto'], 'cdk deploy and destroy of examples/ec2-binpack', () => {
  let example: Deployment;
  let stack: DeployedStack;
  let types: string[];
  let echoes: Map<string, Echo[]>;

  beforeAll(async () => {
    example = await deploy('ec2-binpack');
    stack = example.stacks[0] as DeployedStack;
    types = ignoredTypes(example);
    echoes = await defineIgnored(example);
  }, 300_000);
  afterAll(() => example?.end());

  const idOf = (type: string) => idIn(stack, type);
  const options = () => clientOptions(example.server);
  const ecs = () => new ECSClient(options());

  test('what moto leaves out is this, and comes back as declared', () => {
    expect(types).toEqual([FLEET_APIS, SERVICE_APIS, WITHOUT_API].flatMap(Object.keys).sort());
    for (const [type, found] of echoes) {
      expect(found, type).toHaveLength(resourcesOf(stack, type).length);
      for (const { sent, received } of found) expect(received, type).toMatchObject(sent);
    }
  });

  test('instances start from the image that AWS names for them, and know their cluster', async () => {
    const LaunchTemplateId = idOf('AWS::EC2::LaunchTemplate');
    const { LaunchTemplateVersions } = await new EC2Client(options()).send(
      new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId }),
    );
    const data = LaunchTemplateVersions?.[0]?.LaunchTemplateData;
    expect(data?.ImageId).toMatch(/^ami-/);
    expect(data?.MetadataOptions).toMatchObject({ HttpTokens: 'required' });
    const script = Buffer.from(data?.UserData ?? '', 'base64').toString();
    expect(script).toContain(`echo ECS_CLUSTER=${idOf('AWS::ECS::Cluster')} >> /etc/ecs/ecs.config`);
  });

  test('instances have one role, which may speak for this cluster alone', async () => {
    const client = new IAMClient(options());
    const InstanceProfileName = idOf('AWS::IAM::InstanceProfile');
    const { InstanceProfile } = await client.send(new GetInstanceProfileCommand({ InstanceProfileName }));
    const [role, ...others] = InstanceProfile?.Roles ?? [];
    expect(others).toEqual([]);
    const policy = { RoleName: role?.RoleName, PolicyName: 'Agent' };
    const { PolicyDocument = '' } = await client.send(new GetRolePolicyCommand(policy));
    expect(decodeURIComponent(PolicyDocument)).toContain(`:cluster/${idOf('AWS::ECS::Cluster')}`);
  });

  test('the capacity provider is of the group, and the cluster has it', async () => {
    const name = idOf('AWS::ECS::CapacityProvider');
    const { capacityProviders } = await ecs().send(new DescribeCapacityProvidersCommand({ capacityProviders: [name] }));
    const [ours] = capacityProviders ?? [];
    expect(ours?.autoScalingGroupProvider).toMatchObject({
      autoScalingGroupArn: idOf('AWS::AutoScaling::AutoScalingGroup'),
      managedTerminationProtection: 'DISABLED',
    });
    const { clusters } = await ecs().send(new DescribeClustersCommand({ clusters: [idOf('AWS::ECS::Cluster')] }));
    expect(clusters?.[0]?.capacityProviders).toContain(name);
  });

  /** moto's CloudFormation leaves out the network mode, its API does not. */
  test('every API has a task for instances, of its size and with an address of its own', async () => {
    const register = REWRITE_APIS['AWS::ECS::TaskDefinition'] as OwnApi;
    const tasks = resourcesOf(stack, 'AWS::ECS::TaskDefinition');
    expect(tasks).toHaveLength(3);
    for (const [id] of tasks) {
      const { sent, received } = await register(propertiesOf(example, stack, id), options());
      expect(received).toMatchObject(sent);
      const declared = { cpu: '1024', memory: '2048', networkMode: 'awsvpc', requiresCompatibilities: ['EC2'] };
      expect(sent).toMatchObject(declared);
    }
  });

  test('a service comes back as declared, but for what moto forgets', async () => {
    const [[id] = ['']] = resourcesOf(stack, 'AWS::ECS::Service');
    const { sent, received = {} } = await ecsService(propertiesOf(example, stack, id), options());
    const properties = Object.entries(sent);
    expect(properties.map(([name]) => name).filter((name) => !(name in received))).toEqual(FORGOTTEN);
    expect(received).toMatchObject(Object.fromEntries(properties.filter(([name]) => name in received)));
  });

  test('destroy leaves nothing but what its removal policies keep', async () => {
    await example.assembly.cdk('destroy', example.assembly.selector, '--force');
    expect(await inventory(example)).toEqual(keptInventory(example));
  }, 60_000);
});
