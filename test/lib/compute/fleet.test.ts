/** A fleet of EC2 instances: how they start, how many run, and what becomes of them. */
import { Lazy, Size } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { InstanceType, MachineImage } from 'aws-cdk-lib/aws-ec2';
import { describe, expect, test } from 'vitest';
import { Compute, type FleetOptions, ModelFleet, ModelPlatform } from '../../../lib';
import { testApp } from '../assembly';
import { apiIn, only, stackIn } from '../declaration';
import { TemplateGraph } from '../template-graph';

const GROUP = 'AWS::AutoScaling::AutoScalingGroup';
const LAUNCH = 'AWS::EC2::LaunchTemplate';

const types = (...names: string[]) => names.map((name) => new InstanceType(name));

function fleetOf(options: FleetOptions = {}, instanceTypes = types('m7i.large')): Template {
  const stack = stackIn();
  const platform = new ModelPlatform(stack, 'Platform');
  new ModelFleet(stack, 'Fleet', { platform, instanceTypes, ...options });
  return Template.fromStack(stack);
}

const launchOf = (template: Template) => only(template, LAUNCH).LaunchTemplateData;
const groupOf = (options?: FleetOptions, instanceTypes?: InstanceType[]) =>
  only(fleetOf(options, instanceTypes), GROUP);

/** What the ECS agent is told, by name. */
function agentOf(template: Template): Record<string, unknown> {
  const [separator, parts] = launchOf(template).UserData['Fn::Base64']['Fn::Join'];
  const lines = parts.map((part: unknown) => (typeof part === 'string' ? part : '<cluster>')).join(separator);
  const said = [...lines.matchAll(/^echo (\w+)=(.+) >> \/etc\/ecs\/ecs\.config$/gm)];
  return Object.fromEntries(said.map(([, name, value]) => [name, value]));
}

describe('an instance', () => {
  test('tells its secrets by session tokens only, has an encrypted disk, no key, no public address', () => {
    const launch = launchOf(fleetOf());
    expect(launch.MetadataOptions).toEqual({ HttpTokens: 'required', HttpPutResponseHopLimit: 1 });
    expect(launch.BlockDeviceMappings).toEqual([
      { DeviceName: '/dev/xvda', Ebs: { Encrypted: true, VolumeSize: 50, VolumeType: 'gp3' } },
    ]);
    expect(launch).not.toHaveProperty('KeyName');
    expect(launch.NetworkInterfaces).toMatchObject([{ AssociatePublicIpAddress: false }]);
  });

  test.each([
    ['m7i.large', '/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id'],
    ['m7g.large', '/aws/service/ecs/optimized-ami/amazon-linux-2023/arm64/recommended/image_id'],
    ['g5.xlarge', '/aws/service/ecs/optimized-ami/amazon-linux-2023/gpu/recommended/image_id'],
  ])('of type %s starts from %s', (type, parameter) => {
    const { Parameters } = fleetOf({}, types(type)).toJSON();
    expect(Object.values<{ Default?: string }>(Parameters).map((one) => one.Default)).toContain(parameter);
  });

  test('starts from an image of yours', () => {
    const machineImage = MachineImage.genericLinux({ 'eu-west-1': 'ami-0123456789abcdef0' });
    expect(launchOf(fleetOf({ machineImage })).ImageId).toBe('ami-0123456789abcdef0');
  });

  test('has an agent that keeps images, frees disks and lets no replica act as its machine', () => {
    const always = {
      ECS_CLUSTER: '<cluster>',
      ECS_RESERVED_MEMORY: '256',
      ECS_AWSVPC_BLOCK_IMDS: 'true',
      ECS_ENABLE_AWSLOGS_EXECUTIONROLE_OVERRIDE: 'true',
      ECS_IMAGE_PULL_BEHAVIOR: 'once',
      ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION: '10m',
    };
    expect(agentOf(fleetOf())).toEqual(always);
    expect(agentOf(fleetOf({ spotShare: 0.5 }))).toEqual({ ...always, ECS_ENABLE_SPOT_INSTANCE_DRAINING: 'true' });
    expect(agentOf(fleetOf({ warmInstances: 1 }))).toEqual({ ...always, ECS_WARM_POOLS_CHECK: 'true' });
    const gpus = { ECS_ENABLE_GPU_SUPPORT: 'true', ECS_IMAGE_MINIMUM_CLEANUP_AGE: '24h' };
    expect(agentOf(fleetOf({}, types('g5.xlarge')))).toEqual({ ...always, ...gpus });
  });

  test('may do nothing but what its agent needs', () => {
    const template = fleetOf();
    const isOfFleet = ([id]: [string, unknown]) => id.startsWith('Fleet');
    expect(Object.entries(template.findResources('AWS::IAM::Policy')).filter(isOfFleet)).toEqual([]);
    const roles = Object.entries(template.findResources('AWS::IAM::Role')).filter(isOfFleet);
    const [{ PolicyDocument }] = roles.flatMap(([, { Properties }]) => Properties.Policies ?? []);
    const actions = PolicyDocument.Statement.flatMap(({ Action }: { Action: string }) => Action);
    expect(actions.filter((action: string) => !action.startsWith('ecs:'))).toEqual([]);
    expect(actions).not.toContain('ecs:*');
  });
});

describe('the group', () => {
  test('runs none to ten, of one type on demand, and says how it is', () => {
    const group = groupOf();
    expect(group).toMatchObject({ MinSize: '0', MaxSize: '10', MetricsCollection: [{ Granularity: '1Minute' }] });
    expect(group).toHaveProperty('LaunchTemplate');
    expect(group).not.toHaveProperty('MixedInstancesPolicy');
    expect(group).not.toHaveProperty('DesiredCapacity');
    expect(group).not.toHaveProperty('CapacityRebalance');
  });

  test('takes several types, on demand in their order', () => {
    const { MixedInstancesPolicy } = groupOf({}, types('m7i.large', 'm6i.large'));
    expect(MixedInstancesPolicy.LaunchTemplate.Overrides).toEqual([
      { InstanceType: 'm7i.large' },
      { InstanceType: 'm6i.large' },
    ]);
    expect(MixedInstancesPolicy.InstancesDistribution).toMatchObject({
      OnDemandAllocationStrategy: 'prioritized',
      OnDemandBaseCapacity: 0,
      OnDemandPercentageAboveBaseCapacity: 100,
    });
  });

  test('runs a share on Spot beyond a base, where there is most of it', () => {
    const group = groupOf({ spotShare: 0.75, onDemandBase: 2 });
    expect(group.MixedInstancesPolicy.InstancesDistribution).toEqual({
      OnDemandAllocationStrategy: 'prioritized',
      OnDemandBaseCapacity: 2,
      OnDemandPercentageAboveBaseCapacity: 25,
      SpotAllocationStrategy: 'price-capacity-optimized',
    });
    expect(group.CapacityRebalance).toBe(true);
  });

  test('replaces instances when their image or template changes, a new one before an old one', () => {
    const [group] = Object.values(fleetOf().findResources(GROUP));
    expect(group?.UpdatePolicy.AutoScalingInstanceRefresh).toMatchObject({
      Strategy: 'Rolling',
      Preferences: { MinHealthyPercentage: 100, MaxHealthyPercentage: 120 },
    });
  });

  test('keeps some stopped, as many as were said and no more', () => {
    expect(only(fleetOf({ warmInstances: 2 }), 'AWS::AutoScaling::WarmPool')).toMatchObject({
      MinSize: 2,
      MaxGroupPreparedCapacity: 2,
      PoolState: 'Stopped',
    });
    fleetOf().resourceCountIs('AWS::AutoScaling::WarmPool', 0);
  });

  test.each([
    [0, 100],
    [0.25, 75],
    [0.5, 50],
    [0.99, 1],
  ])('with a spare share of %d is used to %i %%', (spareShare, target) => {
    const { AutoScalingGroupProvider } = only(fleetOf({ spareShare }), 'AWS::ECS::CapacityProvider');
    expect(AutoScalingGroupProvider.ManagedScaling).toEqual({ Status: 'ENABLED', TargetCapacity: target });
  });

  test.each<[string, FleetOptions, string]>([
    ['fewer than none', { minInstances: -1 }, 'minInstances must be an integer of at least 0 (got -1)'],
    ['at most none', { maxInstances: 0 }, 'maxInstances must be an integer of at least 1 (got 0)'],
    ['more at least than at most', { minInstances: 11 }, 'minInstances (11) must not exceed maxInstances (10)'],
    [
      'more on demand than at most',
      { spotShare: 1, onDemandBase: 11 },
      'onDemandBase (11) must not exceed maxInstances (10)',
    ],
    ['a base without Spot', { onDemandBase: 1 }, 'onDemandBase (1) has no effect without spotShare'],
    ['percents of Spot', { spotShare: 75 }, 'spotShare must be from 0 to 1 (got 75)'],
    ['nothing but spare ones', { spareShare: 1 }, 'spareShare must be from 0 to 0.99 (got 1)'],
    ['warm ones on Spot', { warmInstances: 1, spotShare: 0.5 }, 'warmInstances (1) exclude spotShare'],
    [
      'a disk that the image does not fit',
      { rootVolume: Size.gibibytes(20) },
      'rootVolume in GiB must be an integer from 30',
    ],
    [
      'a maximum that only the deployment knows',
      { maxInstances: Lazy.number({ produce: () => 3 }) },
      'maxInstances must be known at synth: deployments follow it',
    ],
  ])('of %s is refused', (_, options, message) => {
    expect(() => fleetOf(options)).toThrow(`[Stack/Fleet] ${message}`);
  });

  test('of several types keeps none stopped', () => {
    expect(() => fleetOf({ warmInstances: 1 }, types('m7i.large', 'm6i.large'))).toThrow(
      '[Stack/Fleet] warmInstances (1) are for one instance type (got m7i.large, m6i.large)',
    );
  });

  test('of types with and without GPUs is refused', () => {
    expect(() => fleetOf({}, types('m7i.large', 'g5.xlarge'))).toThrow('of which only one has GPUs');
  });
});

describe('a fleet', () => {
  test('needs a platform', () => {
    const props = { instanceTypes: types('m7i.large') } as never;
    expect(() => new ModelFleet(stackIn(), 'Fleet', props)).toThrow('[Stack/Fleet] platform must be a ModelPlatform');
  });

  test('that is given excludes what it has said itself', () => {
    const stack = stackIn();
    const platform = new ModelPlatform(stack, 'Platform');
    const fleet = new ModelFleet(stack, 'Fleet', { platform, instanceTypes: types('m7i.large') });
    const compute = Compute.ec2({ fleet, instanceTypes: types('m7i.large'), maxInstances: 3 });
    expect(() => apiIn(stack, { platform, compute })).toThrow(
      '[Stack/Api] fleet and instanceTypes, maxInstances exclude each other: say it where the fleet is defined, or leave out fleet',
    );
    expect(() => apiIn(stack, { platform, compute: Compute.ec2({ fleet: {} as never }) }, 'Other')).toThrow(
      '[Stack/Other] fleet must be a ModelFleet',
    );
  });

  test("stands in the platform's stack, and the APIs' stacks come after it", () => {
    const app = testApp();
    const shared = stackIn(app, 'WithFleet');
    const platform = new ModelPlatform(shared, 'Platform');
    const fleet = new ModelFleet(shared, 'Fleet', { platform, instanceTypes: types('m7i.large') });
    const apis = ['A', 'B'].map((name) => {
      const stack = stackIn(app, name);
      apiIn(stack, { platform, path: `/${name}`, compute: Compute.ec2({ fleet }) });
      return stack;
    });
    app.synth();
    for (const stack of apis) {
      expect(stack.dependencies).toContain(shared);
      Template.fromStack(stack).resourceCountIs(GROUP, 0);
      const [{ CapacityProvider }] = only(Template.fromStack(stack), 'AWS::ECS::Service').CapacityProviderStrategy;
      expect(JSON.stringify(CapacityProvider)).toMatch(/Fn::(ImportValue|GetStackOutput)/);
    }
    expect(shared.dependencies).toEqual([]);
  });

  /** Nobody can take an associated provider away while a service uses it: first the service leaves, then the fleet goes. */
  test("may take over what was an API's own, so that the API can leave it", () => {
    const instanceTypes = types('m7i.large');
    const own = stackIn();
    apiIn(own, { compute: Compute.ec2({ instanceTypes }) });
    const left = stackIn();
    const api = apiIn(left);
    new ModelFleet(api, 'Fleet', { platform: api.platform, instanceTypes });
    const fleetIn = (template: Template) =>
      Object.entries<object>(template.toJSON().Resources).filter(([id]) => id.startsWith('ApiFleet'));
    const [before, after] = [own, left].map((stack) => fleetIn(Template.fromStack(stack)).map(([id]) => id));
    expect(after).toEqual(before);
    expect(before?.length).toBeGreaterThan(5);
  });

  test('is there before the cluster names it, and the cluster names it until no service does', () => {
    const stack = stackIn();
    const platform = new ModelPlatform(stack, 'Platform');
    const fleet = new ModelFleet(stack, 'Fleet', { platform, instanceTypes: types('m7i.large'), warmInstances: 1 });
    apiIn(stack, { platform, compute: Compute.ec2({ fleet }) });
    const graph = new TemplateGraph(Template.fromStack(stack));
    const order = [
      'AWS::ECS::Cluster',
      'AWS::IAM::InstanceProfile',
      LAUNCH,
      GROUP,
      'AWS::ECS::CapacityProvider',
      'AWS::ECS::ClusterCapacityProviderAssociations',
      'AWS::ECS::Service',
    ].map((type) => graph.ids(type)[0] ?? type);
    for (const [index, id] of order.slice(1).entries()) {
      expect(graph.isAround(order[index] as string, id)).toBe(true);
      expect(graph.isAround(id, order[index] as string)).toBe(false);
    }
    const [warm = ''] = graph.ids('AWS::AutoScaling::WarmPool');
    expect(graph.isAround(graph.ids(GROUP)[0] as string, warm)).toBe(true);
  });
});
