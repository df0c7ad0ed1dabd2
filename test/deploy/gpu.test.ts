/**
 * `examples/gpu` against a moto server, which has no GPU and starts no instance: that what a fleet with GPUs adds is taken,
 * refers to what was deployed, and goes again.
 */
import { DescribeImagesCommand, DescribeLaunchTemplateVersionsCommand, EC2Client } from '@aws-sdk/client-ec2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../setup/needs';
import { clientOptions, type DeployedStack, type Deployment, deploy, idOf, resourcesOf } from './deployment';
import { defineIgnored, ignoredTypes, propertiesOf } from './ignored';
import { inventory, keptInventory } from './inventory';
import { FLEET_APIS } from './own-apis/fleet';
import type { Echo, OwnApi } from './own-apis/own-api';
import { REWRITE_APIS } from './own-apis/rewrite';
import { SERVICE_APIS, WITHOUT_API } from './own-apis/service';

describeWith(['moto'], 'cdk deploy and destroy of examples/gpu', () => {
  let example: Deployment;
  let stack: DeployedStack;
  let types: string[];
  let echoes: Map<string, Echo[]>;

  beforeAll(async () => {
    example = await deploy('gpu');
    stack = example.stacks[0] as DeployedStack;
    types = ignoredTypes(example);
    echoes = await defineIgnored(example);
  }, 300_000);
  afterAll(() => example?.end());

  const options = () => clientOptions(example.server);
  const launchData = async () => {
    const LaunchTemplateId = idOf(stack, 'AWS::EC2::LaunchTemplate');
    const client = new EC2Client(options());
    const { LaunchTemplateVersions } = await client.send(
      new DescribeLaunchTemplateVersionsCommand({ LaunchTemplateId }),
    );
    return LaunchTemplateVersions?.[0]?.LaunchTemplateData;
  };

  test('what moto leaves out is what it leaves out of every fleet, and comes back as declared', () => {
    expect(types).toEqual([FLEET_APIS, SERVICE_APIS, WITHOUT_API].flatMap(Object.keys).sort());
    for (const [type, found] of echoes) {
      expect(found, type).toHaveLength(resourcesOf(stack, type).length);
      for (const { sent, received } of found) expect(received, type).toMatchObject(sent);
    }
  });

  test('instances start from an image with the driver, with the disk and the agent that GPUs need', async () => {
    const data = await launchData();
    expect(data?.InstanceType).toBe('g5.xlarge');
    expect(data?.BlockDeviceMappings?.[0]?.Ebs).toMatchObject({ Encrypted: true, VolumeSize: 100 });
    const script = Buffer.from(data?.UserData ?? '', 'base64').toString();
    for (const setting of ['ECS_ENABLE_GPU_SUPPORT', 'ECS_WARM_POOLS_CHECK'])
      expect(script).toContain(`${setting}=true`);
    const ImageIds = [data?.ImageId ?? ''];
    const { Images } = await new EC2Client(options()).send(new DescribeImagesCommand({ ImageIds }));
    for (const { Name } of Images ?? []) expect(Name).toMatch(/gpu/);
  });

  test('a replica asks for its GPU, and for the cache that it shares', async () => {
    const [[id] = ['']] = resourcesOf(stack, 'AWS::ECS::TaskDefinition');
    const register = REWRITE_APIS['AWS::ECS::TaskDefinition'] as OwnApi;
    const { sent, received } = await register(propertiesOf(example, stack, id), options());
    expect(received).toMatchObject(sent);
    expect(sent).toMatchObject({
      volumes: [{ name: 'tmp' }, { dockerVolumeConfiguration: { scope: 'shared', autoprovision: true } }],
      containerDefinitions: [{ resourceRequirements: [{ type: 'GPU', value: '1' }] }],
    });
  });

  test('destroy leaves nothing but what its removal policies keep', async () => {
    await example.assembly.cdk('destroy', example.assembly.selector, '--force');
    expect(await inventory(example)).toEqual(keptInventory(example));
  }, 60_000);
});
