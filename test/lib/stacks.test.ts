/**
 * Which stack may define what. A network team has a stack, a platform team one, each model one; every part that an API
 * can be given is tried in each of them. What cannot be is refused in our words, before the CDK finds a cycle that names
 * two stacks and no prop.
 */
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { type IVpc, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Secret as EcsSecret } from 'aws-cdk-lib/aws-ecs';
import { FileSystem } from 'aws-cdk-lib/aws-efs';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { describe, expect, test } from 'vitest';
import {
  Access,
  Auth,
  type ModelApiProps,
  ModelPlatform,
  type ModelPlatformProps,
  Monitoring,
  ServingVolume,
  WebAcl,
} from '../../lib';
import { testApp } from './assembly';
import { apiIn, stackIn } from './declaration';
import { type StackTemplate, templatesOf } from './whole-apps';

interface Said {
  readonly api?: Partial<ModelApiProps>;
  readonly platform?: ModelPlatformProps;
}

/** Defines a part in a stack, and says where the declaration takes it. */
type Part = (scope: Construct, vpc: IVpc) => Said;

const domainName = 'iris.example.com';

const certificateIn = (scope: Construct) => new Certificate(scope, 'Certificate', { domainName });
const importedIn = (scope: Construct) =>
  Certificate.fromCertificateArn(scope, 'Imported', 'arn:aws:acm:eu-west-1:123456789012:certificate/one');
const roleIn = (scope: Construct) =>
  new Role(scope, 'Role', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
const encryptedIn = (scope: Construct) => new Secret(scope, 'Encrypted', { encryptionKey: new Key(scope, 'Key') });
const groupIn = (scope: Construct, vpc: IVpc) => new SecurityGroup(scope, 'Group', { vpc });

const PARTS: Record<string, Part> = {
  'the certificate of an access': (scope) => ({
    api: { access: Access.public({ certificate: certificateIn(scope), auth: Auth.none() }) },
  }),
  'the certificate of the platform': (scope) => ({
    platform: { certificate: certificateIn(scope) },
    api: { access: Access.public({ domainName, auth: Auth.none() }) },
  }),
  'the zone of a name': (scope) => {
    const hostedZone = new HostedZone(scope, 'Zone', { zoneName: 'example.com' });
    return { api: { access: Access.public({ domainName, hostedZone, auth: Auth.none() }) } };
  },
  'the web ACL': (scope) => {
    const visibilityConfig = { cloudWatchMetricsEnabled: false, sampledRequestsEnabled: false, metricName: 'acl' };
    const acl = new CfnWebACL(scope, 'Acl', { scope: 'REGIONAL', defaultAction: { allow: {} }, visibilityConfig });
    const webAcl = WebAcl.fromArn(acl.attrArn);
    return {
      api: { access: Access.public({ certificate: importedIn(scope), domainName, webAcl, auth: Auth.none() }) },
    };
  },
  'the secret with API keys': (scope) => ({
    api: { access: Access.internal({ auth: Auth.apiKeys(new Secret(scope, 'Keys')) }) },
  }),
  "a handler's secret": (scope) => ({
    api: { secrets: { TOKEN: EcsSecret.fromSecretsManager(new Secret(scope, 'Token')) } },
  }),
  'the secret with API keys, under a key of its own': (scope) => ({
    api: { access: Access.internal({ auth: Auth.apiKeys(encryptedIn(scope)) }) },
  }),
  "a handler's secret, under a key of its own": (scope) => ({
    api: { secrets: { OTHER: EcsSecret.fromSecretsManager(encryptedIn(scope), 'field') } },
  }),
  'the security group of callers': (scope, vpc) => ({
    api: { access: Access.internal({ allowFrom: [groupIn(scope, vpc)] }) },
  }),
  'the security group of scrapers': (scope, vpc) => ({ api: { scrapers: [groupIn(scope, vpc)] } }),
  'the security group of replicas': (scope, vpc) => ({ api: { securityGroups: [groupIn(scope, vpc)] } }),
  "the handler's role": (scope) => ({ api: { taskRole: roleIn(scope) } }),
  'the execution role': (scope) => ({ api: { executionRole: roleIn(scope) } }),
  'the file system': (scope, vpc) => ({
    api: { volumes: [ServingVolume.efs({ fileSystem: new FileSystem(scope, 'Files', { vpc }), path: '/mnt/models' })] },
  }),
  'the topic of alarms': (scope) => ({
    api: { monitoring: Monitoring.standard({ topic: new Topic(scope, 'Topic') }) },
  }),
};

type Place = 'Network' | 'Shared' | 'Mine';
const PLACES: readonly Place[] = ['Network', 'Shared', 'Mine'];

/** What the platform's stack must know cannot come from a stack that is deployed after it, nor name it from one before. */
const REFUSED: Record<string, string> = {
  'the certificate of an access in Mine':
    '[Mine/Api] certificate Mine/Part/Certificate and the platform that needs it are in different stacks, and Mine depends on Shared: define the certificate in Shared',
  'the certificate of the platform in Mine':
    '[Mine/Api] certificate Mine/Part/Certificate and the platform that needs it are in different stacks, and Mine depends on Shared: define the certificate in Shared',
  'the zone of a name in Mine':
    '[Mine/Api] hostedZone Mine/Part/Zone and the platform that needs it are in different stacks, and Mine depends on Shared: define the hostedZone in Shared',
  'the web ACL in Mine':
    '[Mine/Api] webAcl Mine/Part/Acl and the platform that needs it are in different stacks, and Mine depends on Shared: define the webAcl in Shared',
  'the security group of replicas in Network':
    '[Mine/Api] securityGroups has Network/Part/Group, whose rules would name the load balancer of Shared, and that stack depends on Network for its VPC: define the group in Shared',
};

interface Placed {
  readonly name: string;
  readonly part: Part;
  readonly place: Place;
}

const PLACED: Placed[] = Object.entries(PARTS).flatMap(([name, part]) =>
  PLACES.map((place) => ({ name: `${name} in ${place}`, part, place })),
);

const named = (fits: (placed: Placed) => boolean) =>
  PLACED.filter(fits).map((placed): [string, Placed] => [placed.name, placed]);

/** Network with the VPC ← Shared with the platform ← Mine with the API. Synthesizes, or throws. */
function declare(...parts: Placed[]): StackTemplate[] {
  const app = testApp();
  const stacks = { Network: stackIn(app, 'Network'), Shared: stackIn(app, 'Shared'), Mine: stackIn(app, 'Mine') };
  const vpc = new Vpc(stacks.Network, 'Vpc');
  const said = parts.map(({ part, place }, index) => part(new Construct(stacks[place], `Part${index || ''}`), vpc));
  const platform = new ModelPlatform(
    stacks.Shared,
    'Platform',
    Object.assign({ vpc }, ...said.map((one) => one.platform)),
  );
  apiIn(stacks.Mine, Object.assign({ platform }, ...said.map(({ api }) => api)));
  return templatesOf(app);
}

describe('a part of an API, in one stack of three', () => {
  test.each(named(({ name }) => !(name in REFUSED)))('may be %s', (_, placed) => {
    expect(declare(placed)).toHaveLength(PLACES.length);
  });

  test.each(named(({ name }) => name in REFUSED))('may not be %s', (_, placed) => {
    expect(() => declare(placed)).toThrow(REFUSED[placed.name]);
  });
});

test('any two parts may be where each of them may', { timeout: 120_000 }, () => {
  const allowed = PLACED.filter(({ name }) => !(name in REFUSED));
  const pairs = allowed.flatMap((one) =>
    allowed.filter((other) => one.name < other.name && mayMeet(one, other)).map((other) => [one, other] as const),
  );
  const refused = pairs.flatMap(([one, other]) => {
    try {
      declare(one, other);
      return [];
    } catch (error) {
      return [`${one.name}, ${other.name}: ${(error as Error).message}`];
    }
  });
  expect(pairs.length).toBeGreaterThan(200);
  expect(refused).toEqual([]);
});

/** Two stacks tell more than one, and an API has one access. */
function mayMeet(one: Placed, other: Placed): boolean {
  const isAccess = ({ name }: Placed) => /access|certificate|web ACL|zone|API keys|callers/.test(name);
  return one.part !== other.part && one.place !== other.place && !(isAccess(one) && isAccess(other));
}
