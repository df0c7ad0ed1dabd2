/**
 * What an API keeps whatever its replicas run on: the same container, the same way in, the same rights, the same deployment
 * and scaling, and names that no other choice moves. A new kind of compute joins by a row in `test/lib/compute-kinds.ts`.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, Size, type Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type ModelApiProps, ModelHandler, ModelPlatform, Scaling } from 'cdk-model-api';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, test } from 'vitest';
import { MODEL } from '../container/model-copy';
import { findingsOf, testApp } from '../lib/assembly';
import { KINDS, type Kind } from '../lib/compute-kinds';
import { apiIn, only, stackIn } from '../lib/declaration';
import { TemplateGraph } from '../lib/template-graph';
import type { Json } from '../lib/whole-apps';

const SERVICE = 'AWS::ECS::Service';
const TASK = 'AWS::ECS::TaskDefinition';

function declareIn(stack: Stack, kind: Kind, props: Partial<ModelApiProps> = {}, larger = false): void {
  const platform = new ModelPlatform(stack, 'Platform');
  const compute = larger ? kind.largerIn(stack, platform) : kind.computeIn(stack, platform);
  apiIn(stack, { platform, compute, ...props });
}

function declared(kind: Kind, props?: Partial<ModelApiProps>, larger?: boolean): Template {
  const stack = stackIn();
  declareIn(stack, kind, props, larger);
  return Template.fromStack(stack);
}

const containerOf = (template: Template): Json => only(template, TASK).ContainerDefinitions[0];
const idsIn = (template: Template) => Object.keys(template.toJSON().Resources);
const ofType = (template: Template, type: string): Json[] =>
  Object.values(template.findResources(type)).map(({ Properties }) => Properties);
/** What a property is, by logical id. */
const byId = (template: Template, type: string): Json =>
  Object.fromEntries(Object.entries(template.findResources(type)).map(([id, { Properties }]) => [id, Properties]));

/** Declared once, by the test that asks first. */
function once(kind: Kind): () => Template {
  let template: Template | undefined;
  return () => {
    template ??= declared(kind);
    return template;
  };
}

/** What all kinds are held against. */
const fargate = once(KINDS.fargate as Kind);

/** Rights that no kind may have on everything: those of the agent of an instance. */
const AGENT = /^ecs:(DiscoverPollEndpoint|Poll|StartTelemetrySession|UpdateContainerInstancesState)$/;

describe.each(Object.entries(KINDS))('a replica on %s', (_, kind) => {
  const template = once(kind);
  const container = () => containerOf(template());
  const service = () => only(template(), SERVICE);

  test('is told the same', () => {
    const overlayOf = ({ Environment }: Json) => Environment.find(({ Name }: Json) => Name === 'MODEL_API_CONFIG');
    expect(overlayOf(container())).toEqual(overlayOf(containerOf(fargate())));
  });

  test('is closed the same, and may write to the same folders', () => {
    expect(container().LinuxParameters.Capabilities).toEqual({ Drop: ['ALL'] });
    expect(container()).toMatchObject({ User: '10001:10001', ReadonlyRootFilesystem: true });
    expect(container()).not.toHaveProperty('Privileged');
    const mounts = (one: Json) => one.MountPoints.map(({ ContainerPath, ReadOnly }: Json) => [ContainerPath, ReadOnly]);
    expect(mounts(container())).toEqual(mounts(containerOf(fargate())));
    const { Volumes } = only(template(), TASK);
    expect(Volumes.map(({ Name }: Json) => Name)).toEqual(container().MountPoints.map((one: Json) => one.SourceVolume));
    // None of a machine's own folders.
    for (const volume of Volumes) expect(volume).not.toHaveProperty('Host');
  });

  test('has a network interface of its own, and neither role nor network of its machine', () => {
    const { NetworkMode, PidMode, IpcMode } = only(template(), TASK);
    expect([NetworkMode, PidMode, IpcMode]).toEqual(['awsvpc', undefined, undefined]);
    expect(service().NetworkConfiguration.AwsvpcConfiguration).toEqual(
      only(fargate(), SERVICE).NetworkConfiguration.AwsvpcConfiguration,
    );
  });

  test('listens, is asked whether it lives, logs and stops the same', () => {
    const same = ({ PortMappings, HealthCheck, LogConfiguration, StopTimeout, Essential }: Json) => ({
      PortMappings,
      HealthCheck,
      LogConfiguration,
      StopTimeout,
      Essential,
    });
    expect(same(container())).toEqual(same(containerOf(fargate())));
  });

  test('has bounds of CPU and memory as a whole, and the GPUs that it was given', () => {
    const { Cpu, Memory } = only(template(), TASK);
    expect([Number(Cpu), Number(Memory)].every((one) => one >= 512)).toBe(true);
    const gpus = kind.gpus > 0 ? [{ Type: 'GPU', Value: String(kind.gpus) }] : undefined;
    expect(container().ResourceRequirements).toEqual(gpus);
  });

  test('may take as long to stop as a request of five minutes needs, or as long as there is', () => {
    const { StopTimeout } = containerOf(declared(kind, { requestTimeout: Duration.seconds(300) }));
    expect(StopTimeout).toBe(Math.min(kind.stopTimeoutLimit, 320));
  });

  test('is built for the processors that run it', () => {
    const app = testApp();
    declareIn(stackIn(app), kind, { handler: ModelHandler.fromDirectory(MODEL) });
    app.synth();
    const { dockerImages } = JSON.parse(readFileSync(join(app.outdir, 'Stack.assets.json'), 'utf8'));
    const platforms = Object.values<Json>(dockerImages).map(({ source }) => source.platform);
    expect(platforms).toEqual([kind.platform]);
  });
});

describe.each(Object.entries(KINDS))('an API on %s', (_, kind) => {
  const template = once(kind);
  const service = () => only(template(), SERVICE);

  test.each([
    'AWS::ElasticLoadBalancingV2::TargetGroup',
    'AWS::ElasticLoadBalancingV2::ListenerRule',
    'AWS::ElasticLoadBalancingV2::Listener',
    'AWS::ElasticLoadBalancingV2::LoadBalancer',
    'AWS::EC2::SecurityGroupIngress',
    'AWS::ApplicationAutoScaling::ScalableTarget',
    'AWS::ApplicationAutoScaling::ScalingPolicy',
    'AWS::CloudWatch::Alarm',
    'AWS::Logs::LogGroup',
    'AWS::Lambda::Function',
  ])('has the same %s', (type) => {
    expect(byId(template(), type)).toEqual(byId(fargate(), type));
  });

  test('is replaced the same, and keeps its count', () => {
    const same = (one: Json) => ({
      deployment: one.DeploymentConfiguration,
      grace: one.HealthCheckGracePeriodSeconds,
      balancing: one.AvailabilityZoneRebalancing,
      tags: [one.PropagateTags, one.EnableECSManagedTags],
      targets: one.LoadBalancers,
    });
    expect(same(service())).toEqual(same(only(fargate(), SERVICE)));
    expect(service()).not.toHaveProperty('DesiredCount');
  });

  test('names capacity with a weight, and no launch type, which would replace the service', () => {
    expect(service()).not.toHaveProperty('LaunchType');
    expect(service().CapacityProviderStrategy.length).toBeGreaterThan(0);
    for (const { Weight } of service().CapacityProviderStrategy) expect(Weight).toBeGreaterThan(0);
  });

  test('gives its roles the same rights, and those of an instance no more than the agent needs', () => {
    for (const [id, policy] of Object.entries(byId(fargate(), 'AWS::IAM::Policy'))) {
      expect(byId(template(), 'AWS::IAM::Policy')[id]).toEqual(policy);
    }
    const own = new Set(Object.keys(byId(fargate(), 'AWS::IAM::Role')));
    const added = Object.entries<Json>(byId(template(), 'AWS::IAM::Role')).filter(([id]) => !own.has(id));
    const policies = Object.keys(byId(template(), 'AWS::IAM::Policy')).filter(
      (id) => !(id in byId(fargate(), 'AWS::IAM::Policy')),
    );
    expect(policies).toEqual([]);
    // An agent of ours; without this right an instance on Spot goes on taking replicas once it is told to go.
    for (const [, { Policies = [] }] of added.filter(([, role]) =>
      JSON.stringify(role).includes('DeregisterContainer'),
    )) {
      expect(JSON.stringify(Policies)).toContain('ecs:UpdateContainerInstancesState');
    }
    const statements = added.flatMap(([, { Policies = [] }]) =>
      Policies.flatMap(({ PolicyDocument }: Json) => PolicyDocument.Statement),
    );
    for (const { Action, Resource, Condition } of statements) {
      const actions: string[] = [Action].flat();
      expect(actions.join()).not.toContain('*');
      if (Resource !== '*') continue;
      for (const action of actions) expect(action).toMatch(AGENT);
      if (!actions.includes('ecs:DiscoverPollEndpoint')) expect(Condition.ArnEquals).toHaveProperty('ecs:cluster');
    }
  });

  test('lets nobody in at an instance', () => {
    const groups = Object.entries<Json>(byId(template(), 'AWS::EC2::SecurityGroup'));
    const added = groups.filter(([id]) => !(id in byId(fargate(), 'AWS::EC2::SecurityGroup')));
    expect(added).toHaveLength(kind.hasInstances ? 1 : 0);
    for (const [, { SecurityGroupIngress }] of added) expect(SecurityGroupIngress).toBeUndefined();
  });

  test('has the names that it has on Fargate, and others beside them', () => {
    expect(idsIn(template())).toEqual(expect.arrayContaining(idsIn(fargate())));
  });

  test('keeps its names when anything else about it changes', () => {
    const props = {
      scaling: Scaling.onConcurrency({ minReplicas: 2 }),
      environment: { MODE: 'fast' },
      workers: 2,
      requestTimeout: Duration.seconds(90),
      maxRequestSize: Size.mebibytes(20),
    };
    expect(idsIn(declared(kind, props, true)).sort()).toEqual(idsIn(template()).sort());
  });

  test('passes cdk-nag', () => {
    const app = testApp();
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    declareIn(stackIn(app), kind);
    expect(findingsOf(app)).toEqual([]);
  });
});

/** What is removed while something still uses it is refused, and leaves a stack that can neither go nor be updated. */
describe.each(Object.entries(KINDS))('a stack on %s can be deleted: it', (_, kind) => {
  const template = once(kind);
  const graphOf = () => {
    const graph = new TemplateGraph(template());
    const [service = ''] = graph.ids(SERVICE);
    const [association = ''] = graph.ids('AWS::ECS::ClusterCapacityProviderAssociations');
    const [cluster = ''] = graph.ids('AWS::ECS::Cluster');
    const groups = graph.ids('AWS::AutoScaling::AutoScalingGroup');
    const providers = graph.ids('AWS::ECS::CapacityProvider');
    // Those of groups are associated with a cluster, others are made in it.
    const [ofGroups, ofCluster] = groups.length > 0 ? [providers, []] : [[], providers];
    return { graph, service, association, cluster, groups, ofGroups, ofCluster };
  };

  test('has capacity providers associated before the service comes, and until it has gone', () => {
    const { graph, service, association } = graphOf();
    expect(graph.isAround(association, service)).toBe(true);
    expect(graph.isAround(service, association)).toBe(false);
  });

  test('has each provider of a group before it is associated, its group before the provider, and the cluster before all', () => {
    const { graph, association, cluster, groups, ofGroups } = graphOf();
    for (const provider of ofGroups) {
      expect(graph.isAround(provider, association)).toBe(true);
      const [group = ''] = groups;
      expect(graph.isAround(group, provider)).toBe(true);
      expect(graph.isAround(cluster, group)).toBe(true);
    }
  });

  test('has each provider of the cluster itself after what is associated, and until the service has gone', () => {
    const { graph, association, cluster, service, ofCluster } = graphOf();
    for (const provider of ofCluster) {
      expect(graph.isAround(cluster, association)).toBe(true);
      expect(graph.isAround(association, provider)).toBe(true);
      expect(graph.isAround(provider, service)).toBe(true);
      expect(graph.isAround(service, provider)).toBe(false);
    }
  });

  test('has the routes by which an instance says that it goes until it has gone', () => {
    const { graph, groups, ofCluster } = graphOf();
    const routes = graph.ids('AWS::EC2::Route', 'PlatformVpcPrivate');
    expect(routes.length).toBeGreaterThan(0);
    for (const instances of [...groups, ...ofCluster]) {
      for (const route of routes) expect(graph.isAround(route, instances)).toBe(true);
    }
  });

  test('protects no instance from going', () => {
    for (const group of ofType(template(), 'AWS::AutoScaling::AutoScalingGroup')) {
      expect(group.NewInstancesProtectedFromScaleIn).toBe(false);
      expect(group.DeletionProtection).toBeUndefined();
    }
    for (const { AutoScalingGroupProvider } of ofType(template(), 'AWS::ECS::CapacityProvider')) {
      if (AutoScalingGroupProvider === undefined) continue;
      expect(AutoScalingGroupProvider.ManagedTerminationProtection).toBe('DISABLED');
      expect(AutoScalingGroupProvider.ManagedDraining).toBe('ENABLED');
    }
  });
});

test('kinds differ: there are several, and one with GPUs', () => {
  expect(Object.keys(KINDS).length).toBeGreaterThan(3);
  expect(Object.values(KINDS).some(({ gpus }) => gpus > 0)).toBe(true);
});
