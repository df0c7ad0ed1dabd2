/** How many APIs a load balancer takes before somebody has to ask AWS for more, and that synthesis says so first. */
import type { App } from 'aws-cdk-lib';
import { Peer, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { expect, test } from 'vitest';
import { Access, Auth, type ModelApiProps, ModelPlatform, type ModelPlatformProps, Rollout } from '../../lib';
import { testApp } from './assembly';
import { apiIn, certificateIn, stackIn } from './declaration';
import { resourcesIn, templatesOf } from './whole-apps';

const OURS = /cdk-model-api:(loadBalancerRules|loadBalancerCertificates|securityGroupRules)/;

type Scene = (app: App, count: number) => void;

/** A platform in one stack, each API in one of its own. */
function declare(
  app: App,
  count: number,
  props: ModelPlatformProps | undefined,
  accessOf: (name: string) => Access,
  api: Partial<ModelApiProps> = {},
) {
  const shared = app.node.tryFindChild('Shared') ?? stackIn(app, 'Shared');
  const platform = new ModelPlatform(shared as ReturnType<typeof stackIn>, 'Platform', { dashboard: false, ...props });
  for (let index = 0; index < count; index += 1) {
    const name = `api${index}`;
    apiIn(stackIn(app, name), { platform, path: `/${name}`, access: accessOf(name), ...api });
  }
}

const behindOurs: Scene = (app, count) => declare(app, count, undefined, () => Access.internal());

/** A rule of their own lets preflights through before the load balancer looks for a token. */
const withPreflights: Scene = (app, count) => {
  const shared = stackIn(app, 'Shared');
  const issuer = 'https://issuer.example.com';
  const claims = [{ name: 'aud', values: ['api'] }];
  const auth = Auth.jwt({ issuer, jwksEndpoint: `${issuer}/jwks`, claims });
  const access = Access.public({ certificate: certificateIn(shared), auth });
  declare(app, count, undefined, () => access, { cors: { allowOrigins: ['*'] } });
};

/** Their versions take turns between two target groups, of which a load balancer has as many as rules. */
const takingTurns: Scene = (app, count) => {
  const rollout = Rollout.rolling({ alternateTargetGroup: true });
  declare(app, count, undefined, () => Access.internal(), { rollout });
};

const byName: Scene = (app, count) => {
  const shared = stackIn(app, 'Shared');
  const named = (name: string) => Access.public({ certificate: certificateIn(shared, name), auth: Auth.none() });
  declare(app, count, { certificate: certificateIn(shared) }, named);
};

const behindGiven =
  (allowAllOutbound: boolean): Scene =>
  (app, count) => {
    const shared = stackIn(app, 'Shared');
    const vpc = new Vpc(shared, 'Vpc');
    const securityGroup = new SecurityGroup(shared, 'Group', { vpc, allowAllOutbound });
    const loadBalancer = new ApplicationLoadBalancer(shared, 'Given', { vpc, securityGroup });
    declare(app, count, { loadBalancer }, () => Access.internal());
  };

const ofManyCallers: Scene = (app, count) => {
  const allowFrom = Array.from({ length: count }, (_, index) => Peer.ipv4(`10.${index}.0.0/16`));
  declare(app, 1, undefined, () => Access.internal({ allowFrom }));
};

/** As they were noted, since to synthesize a hundred APIs takes long. */
function quotasIn(app: App): string[] {
  const noted = app.node.findAll().flatMap(({ node }) => node.metadata);
  return noted.flatMap(({ data }) => OURS.exec(String(data))?.[1] ?? []);
}

test.each<[string, Scene, number, string]>([
  ['a load balancer has 100 rules', behindOurs, 100, 'loadBalancerRules'],
  ['a load balancer has 100 rules, two for each API with preflights', withPreflights, 50, 'loadBalancerRules'],
  [
    'a load balancer has 100 target groups, two for each API whose versions take turns',
    takingTurns,
    50,
    'loadBalancerRules',
  ],
  ['a load balancer has 25 certificates beside its default', byName, 25, 'loadBalancerCertificates'],
  ['a given load balancer lets out to 30 APIs', behindGiven(false), 30, 'securityGroupRules'],
  ['a security group lets in 60 callers', ofManyCallers, 60, 'securityGroupRules'],
])('%s, and one more is warned of once', { timeout: 120_000 }, (_, scene, most, warning) => {
  const found = [most, most + 2].map((count) => {
    const app = testApp();
    scene(app, count);
    return quotasIn(app);
  });
  expect(found).toEqual([[], [warning]]);
});

test.each([
  [true, 0],
  [false, 6],
])('a given group that lets out everywhere needs no rule for an API: %s', (allowAllOutbound, count) => {
  const app = testApp();
  behindGiven(allowAllOutbound)(app, 3);
  const rules = resourcesIn(templatesOf(app), 'AWS::EC2::SecurityGroupEgress');
  const ofGroup = rules.filter(({ properties }) => JSON.stringify(properties.GroupId).includes('Shared:'));
  expect(ofGroup).toHaveLength(count);
});
