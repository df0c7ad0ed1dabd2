/**
 * Sixty APIs on one platform: what they cost together, and that none of them is moved by another that comes or goes.
 * Teams deploy their stacks apart, so a template that changes by somebody else's edit is a deployment nobody asked for.
 */
import type { App, Stack } from 'aws-cdk-lib';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { describe, expect, test } from 'vitest';
import { Access, Auth, ModelPlatform } from '../../lib';
import { testApp } from './assembly';
import { apiIn, certificateIn, stackIn } from './declaration';
import { FLAGS } from './flags';
import { type Json, resourcesIn, type StackTemplate, templatesOf } from './whole-apps';

const APIS = 60;
const APIS_A_STACK = 10;
const MOST_RESOURCES = 500;
/** Quotas of an account that asked for no more: rules of a load balancer, and of a security group in one direction. */
const MOST_RULES = 100;
const MOST_RULES_OF_A_GROUP = 60;

interface Shape {
  readonly platformIn: (stack: Stack) => ModelPlatform;
  readonly declare: (platform: ModelPlatform, stack: Stack, name: string) => void;
}

const withCertificate = (stack: Stack) => new ModelPlatform(stack, 'Platform', { certificate: certificateIn(stack) });

const byPath: Shape = {
  platformIn: withCertificate,
  declare: (platform, stack, name) => {
    apiIn(stack, { platform, path: `/${name}` }, name);
  },
};

const byHost: Shape = {
  platformIn: withCertificate,
  declare: (platform, stack, name) => {
    const domainName = `${name}.example.com`;
    apiIn(stack, { platform, access: Access.public({ domainName, auth: Auth.none() }) }, name);
  },
};

/** On a load balancer of this app that is nobody's own, whose group lets out everywhere. */
const onGivenBalancer: Shape = {
  platformIn: (stack) => {
    const vpc = new Vpc(stack, 'Vpc');
    const securityGroup = new SecurityGroup(stack, 'BalancerGroup', { vpc, allowAllOutbound: true });
    const loadBalancer = new ApplicationLoadBalancer(stack, 'Balancer', { vpc, securityGroup });
    return new ModelPlatform(stack, 'Platform', { loadBalancer });
  },
  declare: byPath.declare,
};

const SHAPES: [string, Shape][] = [
  ['internal, by path', byPath],
  ['public, by host', byHost],
  ['on a given load balancer', onGivenBalancer],
];

/** The first one, and one among others. */
const GOING = ['model0', 'model7'] as const;

const names = (count: number) => Array.from({ length: count }, (_, index) => `model${index}`);

/** Each API has its stack by its number, so that one that is left out moves no other. */
function declare(app: App, shape: Shape, apis: readonly string[]): StackTemplate[] {
  const shared = stackIn(app, 'Shared');
  const platform = shape.platformIn(shared);
  const stacks = new Map<string, Stack>();
  for (const name of apis) {
    const id = `Apis${Math.floor(Number(name.slice('model'.length)) / APIS_A_STACK)}`;
    const stack = stacks.get(id) ?? stackIn(app, id);
    stacks.set(id, stack);
    shape.declare(platform, stack, name);
  }
  return templatesOf(app);
}

const templateOf = (templates: readonly StackTemplate[], name: string): Json =>
  templates.find(({ stack }) => stack === name)?.template;

/** Within the first test that asks, for an app lives as long as a test. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** How many rules each security group has in each direction, inline and apart, whichever stack defines them. */
function rulesOfGroups(templates: readonly StackTemplate[]): Map<string, number> {
  const counts = new Map<string, number>();
  const count = (group: string, rules: number) => counts.set(group, (counts.get(group) ?? 0) + rules);
  for (const { type, stack, id, properties } of resourcesIn(templates)) {
    for (const direction of ['Ingress', 'Egress']) {
      if (type === 'AWS::EC2::SecurityGroup') {
        count(`${direction} ${stack} ${id}`, properties[`SecurityGroup${direction}`]?.length ?? 0);
      }
      if (type === `AWS::EC2::SecurityGroup${direction}`)
        count(`${direction} ${groupOf(stack, properties.GroupId)}`, 1);
    }
  }
  return counts;
}

/** An export's name is the same in every stack; a group of the same stack goes by its id. */
function groupOf(stack: string, id: Json): string {
  return id['Fn::GetAtt'] ? `${stack} ${id['Fn::GetAtt'][0]}` : JSON.stringify(id);
}

/** The platform's own dashboard has a row for each API. */
function withoutDashboard(template: Json): Json {
  const resources = Object.entries<Json>(template.Resources).filter(([, { Type }]) => !Type.includes('Dashboard'));
  return { ...template, Resources: Object.fromEntries(resources) };
}

describe.each(SHAPES)('sixty APIs, %s', (_, shape) => {
  const all = once(() => declare(testApp(), shape, names(APIS)));
  const without = (gone: string) => names(APIS).filter((name) => name !== gone);
  const withoutOne = {
    model0: once(() => declare(testApp(), shape, without('model0'))),
    model7: once(() => declare(testApp(), shape, without('model7'))),
  };

  test('share one load balancer and one listener', () => {
    expect(resourcesIn(all(), 'AWS::ElasticLoadBalancingV2::LoadBalancer')).toHaveLength(1);
    expect(resourcesIn(all(), 'AWS::ElasticLoadBalancingV2::TargetGroup')).toHaveLength(APIS);
  });

  test('have a priority each', () => {
    const rules = resourcesIn(all(), 'AWS::ElasticLoadBalancingV2::ListenerRule');
    expect(new Set(rules.map(({ properties }) => properties.Priority)).size).toBe(APIS);
  });

  test('stay within what AWS allows one load balancer and one security group', () => {
    expect(resourcesIn(all(), 'AWS::ElasticLoadBalancingV2::ListenerRule').length).toBeLessThanOrEqual(MOST_RULES);
    expect(Math.max(...rulesOfGroups(all()).values())).toBeLessThanOrEqual(MOST_RULES_OF_A_GROUP);
  });

  test('fit into their stacks', () => {
    const counts = all().map(({ template }) => Object.keys(template.Resources).length);
    expect(Math.max(...counts)).toBeLessThanOrEqual(MOST_RESOURCES);
  });

  test.each(FLAGS)("leave the platform's exports as two have them, with %s", (_flags, context) => {
    const [few, many] = [2, APIS].map((count) => declare(testApp({ context }), shape, names(count)));
    const outputs = (templates: StackTemplate[] = []) => templateOf(templates, 'Shared').Outputs ?? {};
    expect(Object.keys(outputs(many))).toEqual(Object.keys(outputs(few)));
  });

  test.each(GOING)('do not notice %s come or go, but for those in its own stack', (gone) => {
    const changed = all().filter(({ stack, template }) => {
      const other = templateOf(withoutOne[gone](), stack);
      return JSON.stringify(withoutDashboard(template)) !== JSON.stringify(withoutDashboard(other));
    });
    expect(changed.map(({ stack }) => stack)).toEqual(['Apis0']);
  });

  test.each(GOING)('nor, without %s, do those in its own stack have anything changed', (one) => {
    const { Resources: before } = templateOf(all(), 'Apis0');
    const { Resources: after } = templateOf(withoutOne[one](), 'Apis0');
    const gone = Object.keys(before).filter((id) => !(id in after));
    expect(gone.every((id) => id.startsWith(one))).toBe(true);
    for (const [id, resource] of Object.entries(after)) expect(resource).toEqual(before[id]);
  });
});
