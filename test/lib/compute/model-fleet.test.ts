/** A fleet that an API has or shares: how it is reached, in which zones, and how it stays when the API goes. */
import { CfnParameter, Lazy, Size } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { InstanceType, MachineImage, Vpc, WindowsVersion } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import { Compute, type Ec2Options, ModelFleet, ModelPlatform } from '../../../lib';
import { apiIn, declared, stackIn, warningsOf } from '../declaration';

const types = (...names: string[]) => names.map((name) => new InstanceType(name));
const M7I = types('m7i.large');

describe('the fleet of an API', () => {
  test('is there to be added to, its own or a shared one, and is none on Fargate', () => {
    const stack = stackIn();
    const platform = new ModelPlatform(stack, 'Platform');
    const shared = new ModelFleet(stack, 'Fleet', { platform, instanceTypes: M7I });
    expect(shared.platform).toBe(platform);
    const api = (id: string, compute?: Compute) => apiIn(stack, { platform, path: `/${id}`, compute }, id);
    expect(api('A', Compute.ec2({ fleet: shared })).fleet).toBe(shared);
    expect(api('B', Compute.ec2({ instanceTypes: M7I })).fleet?.node.path).toBe('Stack/B/Fleet');
    expect(api('C').fleet).toBeUndefined();
    expect(api('D', Compute.managedInstances()).fleet).toBeUndefined();
  });

  /** A cluster would lose the provider before the service that uses it has gone. */
  test('stays for a deployment when the API is taken away, by a ModelFleet of its names', () => {
    const before = stackIn();
    const after = stackIn();
    const [one, other] = [before, after].map((stack) => new ModelPlatform(stack, 'Platform')) as [
      ModelPlatform,
      ModelPlatform,
    ];
    const props = { instanceTypes: M7I, maxInstances: 3 };
    apiIn(before, { platform: one, path: '/a' }, 'A');
    apiIn(before, { platform: one, path: '/b', compute: Compute.ec2({ ...props }) }, 'B');
    apiIn(after, { platform: other, path: '/a' }, 'A');
    new ModelFleet(new Construct(after, 'B'), 'Fleet', { platform: other, ...props });
    const [had, has] = [before, after].map((stack) => Template.fromStack(stack).toJSON().Resources);
    const isKept = ([id, { Type }]: [string, { Type: string }]) =>
      id.startsWith('BFleet') || Type === 'AWS::ECS::ClusterCapacityProviderAssociations';
    const kept = Object.entries<{ Type: string; DependsOn?: string[] }>(had).filter(isKept);
    expect(kept.length).toBeGreaterThan(5);
    for (const [id, resource] of kept) expect(has[id]).toEqual(resource);
  });
});

describe('the zones of a shared fleet', () => {
  const declare = (ofFleet: number[], ofApi: number[]) => {
    const stack = stackIn();
    const vpc = new Vpc(stack, 'Vpc', { availabilityZones: ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'] });
    const selected = (indices: number[]) => ({ subnets: vpc.privateSubnets.filter((_, at) => indices.includes(at)) });
    const platform = new ModelPlatform(stack, 'Platform', { vpc });
    const fleet = new ModelFleet(stack, 'Fleet', { platform, instanceTypes: M7I, vpcSubnets: selected(ofFleet) });
    apiIn(stack, { platform, compute: Compute.ec2({ fleet }), vpcSubnets: selected(ofApi) });
    return warningsOf(stack);
  };

  test('hold the subnets of its APIs, or no replica would start', () => {
    expect(() => declare([0], [2])).toThrow(
      '[Stack/Api] vpcSubnets of the API are in eu-west-1c and the instances of its fleet in eu-west-1a, and the network interface of a replica cannot be in another zone than its instance: no replica would start',
    );
  });

  test('that differ in part are said', () => {
    expect(declare([0, 1], [1, 2])).toEqual(['cdk-model-api:fleetInOtherZones']);
    expect(declare([0, 1], [0])).toEqual(['cdk-model-api:fleetInOtherZones']);
    expect(declare([0, 1], [1, 0])).toEqual([]);
  });
});

describe('what cannot be judged', () => {
  const token = () => Lazy.number({ produce: () => 2 });
  const spec = { vcpus: 2, memory: Size.gibibytes(8), networkInterfaces: 3 };
  const described = (one: object): Ec2Options => ({
    instanceTypes: types('m99.large'),
    instanceSpecs: { 'm99.large': { ...spec, ...one } },
  });

  test.each<[string, Ec2Options, string]>([
    ['vCPUs', described({ vcpus: token() }), "instanceSpecs['m99.large'].vcpus must be known at synth"],
    ['GPUs', described({ gpus: token() }), "instanceSpecs['m99.large'].gpus must be known at synth"],
    [
      'memory',
      described({ memory: Size.gibibytes(token()) }),
      "instanceSpecs['m99.large'].memory must be known at synth: what fits follows it",
    ],
    ['no memory', described({ memory: undefined }), "instanceSpecs['m99.large'] lacks memory"],
    ['no vCPUs', described({ vcpus: undefined }), "instanceSpecs['m99.large'] lacks vcpus"],
    [
      'no list of types',
      { instanceTypes: M7I[0] as never },
      'instanceTypes must be a list (got m7i.large): give [new InstanceType',
    ],
    [
      'a type of GPUs among others',
      { instanceTypes: types('m7i.large', 'g5.xlarge') },
      '[Stack/Api] g5.xlarge has GPUs, which Compute.ec2 leaves unused',
    ],
    [
      'a share of Spot that rounds to none',
      { instanceTypes: M7I, spotShare: 0.004 },
      'spotShare (0.004) is counted in hundredths and would be none: give at least 0.01',
    ],
    [
      'more stopped instances than may run',
      { instanceTypes: M7I, maxInstances: 2, warmInstances: 50 },
      'warmInstances (50) must not exceed maxInstances (2)',
    ],
    [
      'an image of Windows',
      {
        instanceTypes: M7I,
        machineImage: MachineImage.latestWindows(WindowsVersion.WINDOWS_SERVER_2022_ENGLISH_FULL_BASE),
      },
      'machineImage has Windows, and replicas are Linux containers',
    ],
  ])('such as %s is refused', (_, options, message) => {
    expect(() => declared({ compute: Compute.ec2(options) })).toThrow(message);
  });

  test('such as a type that only the deployment knows is refused', () => {
    const stack = stackIn();
    const instanceTypes = types(new CfnParameter(stack, 'Type').valueAsString);
    expect(() => apiIn(stack, { compute: Compute.ec2({ instanceTypes }) })).toThrow(
      '[Stack/Api] instanceTypes must be known at synth: what fits an instance follows them',
    );
  });

  test('such as a share of Spot that Fargate rounds to none is refused', () => {
    expect(() => declared({ compute: Compute.fargate({ spotShare: 0.0004 }) })).toThrow(
      'spotShare (0.0004) is counted in thousandths and would be none: give at least 0.001',
    );
  });
});

test('replicas with GPUs on several types get the smallest share of any', () => {
  const stack = stackIn();
  const platform = new ModelPlatform(stack, 'Platform');
  const fleet = new ModelFleet(stack, 'Fleet', { platform, instanceTypes: types('g5.2xlarge', 'g5.xlarge') });
  const { taskDefinition } = apiIn(stack, { platform, compute: Compute.gpu({ fleet }) });
  const task = Template.fromStack(stack).findResources('AWS::ECS::TaskDefinition');
  expect(Object.values(task)).toMatchObject([{ Properties: { Cpu: '4096', Memory: '14899' } }]);
  expect(taskDefinition.isEc2Compatible).toBe(true);
});
