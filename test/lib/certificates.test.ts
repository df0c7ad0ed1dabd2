/** Certificates that a load balancer could never have, or that nobody would ever issue; and which is the default. */
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { HostedZone, type IHostedZone, PrivateHostedZone, PublicHostedZone } from 'aws-cdk-lib/aws-route53';
import { describe, expect, test } from 'vitest';
import { Access, Auth, ModelPlatform, type PublicAccessOptions } from '../../lib';
import { testApp } from './assembly';
import { apiIn, certificateIn, ENV, stackIn, warningsOf, zoneIn } from './declaration';
import { importedBalancer, importedListener } from './imported';

const CERTIFICATE = 'AWS::CertificateManager::Certificate';
const RECORD = 'AWS::Route53::RecordSet';

function publicIn(stack: Stack, options: Partial<PublicAccessOptions>, platform?: ModelPlatform, id?: string) {
  return apiIn(stack, { platform, access: Access.public({ auth: Auth.none(), ...options }) }, id);
}

describe('a certificate of another region is refused', () => {
  const message = (path: string) =>
    `[Stack/Api] the certificate ${path} is in us-east-1, and the load balancer in eu-west-1 takes those of its own region only: give one from eu-west-1`;

  test('that was imported', () => {
    const stack = stackIn();
    const arn = 'arn:aws:acm:us-east-1:123456789012:certificate/far';
    const certificate = Certificate.fromCertificateArn(stack, 'Far', arn);
    expect(() => publicIn(stack, { certificate })).toThrow(message('Stack/Far'));
  });

  test('that this app defines', () => {
    const app = testApp();
    const far = stackIn(app, 'Far', { env: { ...ENV, region: 'us-east-1' } });
    const certificate = new Certificate(far, 'Certificate', { domainName: 'iris.example.com' });
    expect(() => publicIn(stackIn(app), { certificate })).toThrow(message('Far/Certificate'));
  });
});

describe('a new certificate', () => {
  test.each<[string, (stack: Stack) => IHostedZone]>([
    ['PrivateHostedZone', (stack) => privateZoneIn(stack)],
    [
      'HostedZone',
      (stack) => new HostedZone(stack, 'Zone', { zoneName: 'example.com', vpcs: [new Vpc(stack, 'Vpc')] }),
    ],
  ])('is not validated by a private zone: %s', (_, zoneOf) => {
    const stack = stackIn();
    expect(() => publicIn(stack, { domainName: 'iris.example.com', hostedZone: zoneOf(stack) })).toThrow(
      '[Stack/Api] the hostedZone Stack/Zone is private, and nobody outside its VPC can validate a certificate by it: give certificate, or a public hostedZone',
    );
  });

  test('is validated by a public zone, and a private one may hold the name of a given one', () => {
    const [one, other] = [stackIn(), stackIn()];
    publicIn(one, {
      domainName: 'iris.example.com',
      hostedZone: new PublicHostedZone(one, 'Zone', { zoneName: 'example.com' }),
    });
    Template.fromStack(one).resourceCountIs(CERTIFICATE, 1);
    const certificate = certificateIn(other);
    publicIn(other, { domainName: 'iris.example.com', hostedZone: privateZoneIn(other), certificate });
    Template.fromStack(other).resourceCountIs(RECORD, 1);
  });

  test('is for names of at most 64 characters', () => {
    const stack = stackIn();
    const [fits, long] = [52, 53].map((length) => `${'a'.repeat(length)}.example.com`) as [string, string];
    publicIn(stack, { domainName: fits, hostedZone: zoneIn(stack) }, undefined, 'Fits');
    expect(() => publicIn(stack, { domainName: long, hostedZone: zoneIn(stackIn()) })).toThrow(
      `[Stack/Api] domainName '${long}' has 65 characters, and AWS issues certificates for names of at most 64: give a shorter one, or a certificate that is for it, such as for *.example.com`,
    );
  });
});

function privateZoneIn(stack: Stack): IHostedZone {
  return new PrivateHostedZone(stack, 'Zone', { zoneName: 'example.com', vpc: new Vpc(stack, 'ZoneVpc') });
}

describe('a name', () => {
  test('may be in a zone of which only the id is known', () => {
    const stack = stackIn();
    publicIn(stack, { domainName: 'iris.example.com', hostedZone: HostedZone.fromHostedZoneId(stack, 'Zone', 'Z1') });
    Template.fromStack(stack).hasResourceProperties(RECORD, { Name: 'iris.example.com.', HostedZoneId: 'Z1' });
  });

  test('is in one zone', () => {
    const stack = stackIn();
    const platform = new ModelPlatform(stack, 'Platform', { certificate: certificateIn(stack) });
    const name = { domainName: 'iris.example.com' };
    publicIn(stack, { ...name, hostedZone: zoneIn(stack) }, platform, 'One');
    const other = HostedZone.fromHostedZoneId(stack, 'Other', 'Z2');
    expect(() => publicIn(stack, { ...name, hostedZone: other }, platform, 'Two')).toThrow(
      "[Stack/Two] domainName 'iris.example.com' has its record in the hostedZone Stack/Zone-example.com already, for another API, and would get one in Stack/Other: give both the same zone",
    );
  });

  test('has no record that leads to an imported load balancer of unknown zone', () => {
    const stack = stackIn();
    const loadBalancer = importedBalancer(stack, { loadBalancerCanonicalHostedZoneId: undefined });
    const parts = { vpc: new Vpc(stack, 'Vpc'), loadBalancer, listener: importedListener(stack, 443) };
    const platform = new ModelPlatform(stack, 'Platform', parts);
    const name = { domainName: 'iris.example.com', hostedZone: zoneIn(stack), certificate: certificateIn(stack) };
    const access = Access.public({ ...name, auth: Auth.none() });
    expect(() => apiIn(stack, { platform, access, priority: 1 })).toThrow(
      '[Stack/Api] the load balancer Stack/Balancer was imported and does not know its hosted zone, which the record of domainName needs: give loadBalancerCanonicalHostedZoneId to fromApplicationLoadBalancerAttributes(), or leave out hostedZone and bring the record yourself',
    );
  });
});

test.each([
  [['one', 'two'], false, 1],
  [['one', 'two', 'three'], false, 1],
  [['one', 'one'], false, 0],
  [['one', 'two'], true, 0],
])('that the default depends on who comes first is said once: %s, platform has one: %s', (names, shared, warnings) => {
  const stack = stackIn();
  const certificate = shared ? certificateIn(stack, 'shared') : undefined;
  const platform = new ModelPlatform(stack, 'Platform', { certificate });
  const certificates = new Map([...new Set(names)].map((name) => [name, certificateIn(stack, name)]));
  for (const [index, name] of names.entries()) {
    const domainName = `${index}.example.com`;
    publicIn(stack, { certificate: certificates.get(name), domainName }, platform, `Api${index}`);
  }
  expect(warningsOf(stack)).toEqual(Array(warnings).fill('cdk-model-api:defaultCertificate'));
});

test('names of their own, beside a certificate of the platform, come and go without touching others', () => {
  const sharedWith = (names: string[]) => {
    const app = testApp();
    const shared = stackIn(app, 'Shared');
    const hostedZone = zoneIn(shared);
    const platform = new ModelPlatform(shared, 'Platform', { certificate: certificateIn(shared), dashboard: false });
    for (const name of names) {
      const certificate = certificateIn(shared, name);
      publicIn(stackIn(app, name), { certificate, domainName: `${name}.example.com`, hostedZone }, platform);
    }
    return Template.fromStack(shared).toJSON().Resources;
  };
  const [both, second] = [sharedWith(['one', 'two']), sharedWith(['two'])];
  expect(both).toMatchObject(second);
  const gone = Object.keys(both).filter((id) => !(id in second));
  expect(gone.map((id) => both[id].Type).sort()).toEqual(['AWS::ElasticLoadBalancingV2::ListenerCertificate', RECORD]);
});
