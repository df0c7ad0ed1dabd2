/** The names of APIs: certificates, records and hosts, whichever stack they stand in. */
import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { type IPeer, Peer, Vpc } from 'aws-cdk-lib/aws-ec2';
import { ApplicationLoadBalancer, IpAddressType } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { PublicHostedZone } from 'aws-cdk-lib/aws-route53';
import { describe, expect, test } from 'vitest';
import { Access, Auth, ModelPlatform, type PublicAccessOptions } from '../../lib';
import { testApp } from './assembly';
import { apiIn, certificateIn, only, stackIn, zoneIn } from './declaration';

const CERTIFICATE = 'AWS::CertificateManager::Certificate';
const FURTHER = 'AWS::ElasticLoadBalancingV2::ListenerCertificate';
const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';
const RECORD = 'AWS::Route53::RecordSet';
const RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule';

const domainName = 'iris.example.com';

/** A public API of the stack that anybody may call. */
function publicIn(stack: Stack, options: Partial<PublicAccessOptions>, platform?: ModelPlatform, id?: string) {
  return apiIn(stack, { platform, access: Access.public({ auth: Auth.none(), ...options }) }, id);
}

function httpsListenerOf(template: Template) {
  const listeners = Object.values(template.findResources(LISTENER)).map(({ Properties }) => Properties);
  return listeners.find(({ Port }) => Port === 443);
}

describe('a name in a zone', () => {
  const named = () => {
    const stack = stackIn();
    const api = publicIn(stack, { domainName, hostedZone: zoneIn(stack) });
    return { stack, api, template: Template.fromStack(stack) };
  };

  test('gets a certificate that the zone validates', () => {
    const { template } = named();
    expect(only(template, CERTIFICATE)).toMatchObject({
      DomainName: domainName,
      ValidationMethod: 'DNS',
      DomainValidationOptions: [{ DomainName: domainName, HostedZoneId: 'Z0123456789EXAMPLE' }],
    });
    const [certificate] = Object.keys(template.findResources(CERTIFICATE));
    expect(httpsListenerOf(template).Certificates).toEqual([{ CertificateArn: { Ref: certificate } }]);
  });

  test('gets a record that leads to the load balancer', () => {
    const record = only(named().template, RECORD);
    expect([record.Name, record.Type, record.HostedZoneId]).toEqual([`${domainName}.`, 'A', 'Z0123456789EXAMPLE']);
    expect(JSON.stringify(record.AliasTarget.DNSName)).toContain('DNSName');
  });

  test('is the URL of the API, and what its rule asks for', () => {
    const { api, template } = named();
    expect(api.url).toBe(`https://${domainName}`);
    const host = { Field: 'host-header', HostHeaderConfig: { Values: [domainName] } };
    expect(only(template, RULE).Conditions).toContainEqual(host);
  });

  test('takes the certificate that is given', () => {
    const stack = stackIn();
    publicIn(stack, { domainName, hostedZone: zoneIn(stack), certificate: certificateIn(stack) });
    const template = Template.fromStack(stack);
    template.resourceCountIs(CERTIFICATE, 0);
    template.resourceCountIs(RECORD, 1);
  });

  test('has one certificate and one record, however many APIs answer to it', () => {
    const stack = stackIn();
    const platform = new ModelPlatform(stack, 'Platform');
    const access = Access.public({ domainName, hostedZone: zoneIn(stack), auth: Auth.none() });
    for (const path of ['/a', '/b']) apiIn(stack, { platform, path, access }, path.slice(1));
    const template = Template.fromStack(stack);
    for (const type of [CERTIFICATE, RECORD]) template.resourceCountIs(type, 1);
    template.resourceCountIs(FURTHER, 0);
  });

  test.each<[IpAddressType, IPeer[] | undefined, string[]]>([
    [IpAddressType.DUAL_STACK, undefined, ['A', 'AAAA']],
    [IpAddressType.DUAL_STACK, [Peer.ipv4('203.0.113.0/24')], ['A']],
    [IpAddressType.DUAL_STACK, [Peer.ipv6('2001:db8::/32')], ['A', 'AAAA']],
    [IpAddressType.IPV4, undefined, ['A']],
  ])('has a record for each address by which callers may come: %s', (ipAddressType, allowFrom, types) => {
    const stack = stackIn();
    const vpc = new Vpc(stack, 'Vpc');
    const loadBalancer = new ApplicationLoadBalancer(stack, 'Given', { vpc, internetFacing: true, ipAddressType });
    const platform = new ModelPlatform(stack, 'Platform', { loadBalancer });
    publicIn(stack, { domainName, hostedZone: zoneIn(stack), allowFrom }, platform);
    const template = Template.fromStack(stack);
    const records = Object.values(template.findResources(RECORD));
    expect(records.map(({ Properties }) => Properties.Type).sort()).toEqual(types);
    expect(JSON.stringify(template.toJSON()).includes('"CidrIpv6":"::/0"')).toBe(!allowFrom && types.length > 1);
  });
});

test('a name without a zone has no record, and the outputs say where one must lead', () => {
  const stack = stackIn();
  const { url } = publicIn(stack, { domainName, certificate: certificateIn(stack) });
  const template = Template.fromStack(stack);
  template.resourceCountIs(RECORD, 0);
  expect(url).toBe(`https://${domainName}`);
  template.hasOutput('*', { Description: `Where ${domainName} must lead`, Value: Match.objectLike({}) });
});

describe('the certificate of the platform', () => {
  test('is what APIs get that bring none', () => {
    const stack = stackIn();
    const platform = new ModelPlatform(stack, 'Platform', { certificate: certificateIn(stack, 'shared') });
    publicIn(stack, {}, platform);
    const template = Template.fromStack(stack);
    expect(httpsListenerOf(template).Certificates[0].CertificateArn).toMatch(/shared$/);
    template.resourceCountIs(FURTHER, 0);
  });

  test('stays the default when an API brings its own', () => {
    const stack = stackIn();
    const platform = new ModelPlatform(stack, 'Platform', { certificate: certificateIn(stack, 'shared') });
    publicIn(stack, { certificate: certificateIn(stack, 'own') }, platform);
    const template = Template.fromStack(stack);
    expect(httpsListenerOf(template).Certificates[0].CertificateArn).toMatch(/shared$/);
    expect(only(template, FURTHER).Certificates[0].CertificateArn).toMatch(/own$/);
  });

  test('is for the name of the API, where this app knows', () => {
    const stack = stackIn();
    const wildcard = new Certificate(stack, 'Certificate', { domainName: '*.example.com' });
    const platform = new ModelPlatform(stack, 'Platform', { certificate: wildcard });
    publicIn(stack, { domainName }, platform, 'Fits');
    expect(() => publicIn(stack, { domainName: 'a.b.example.com' }, platform, 'Other')).toThrow(
      "[Stack/Other] the certificate Stack/Certificate is for *.example.com and not for the domainName 'a.b.example.com': give the access a certificate that is",
    );
  });
});

describe('a second certificate', () => {
  test('of several APIs comes to the listener once, and stays when one of them goes', () => {
    const furtherWith = (names: string[]) => {
      const stack = stackIn();
      const platform = new ModelPlatform(stack, 'Platform', { certificate: certificateIn(stack, 'shared') });
      const certificate = certificateIn(stack, 'second');
      for (const name of names) publicIn(stack, { certificate, domainName: `${name}.example.com` }, platform, name);
      return Object.keys(Template.fromStack(stack).findResources(FURTHER));
    };
    expect(furtherWith(['a', 'b'])).toHaveLength(1);
    expect(furtherWith(['b'])).toEqual(furtherWith(['a', 'b']));
  });

  test("that only the API's stack knows stands there", () => {
    const app = testApp();
    const shared = stackIn(app, 'Shared');
    const platform = new ModelPlatform(shared, 'Platform', { certificate: certificateIn(shared) });
    const mine = stackIn(app, 'Mine');
    publicIn(mine, { certificate: new Certificate(mine, 'Certificate', { domainName }) }, platform);
    Template.fromStack(mine).resourceCountIs(FURTHER, 1);
  });
});

describe('a platform in a stack of its own', () => {
  test('holds the names of APIs, whose stacks then need none of it', () => {
    const app = testApp();
    const shared = stackIn(app, 'Shared');
    const platform = new ModelPlatform(shared, 'Platform');
    const mine = stackIn(app, 'Mine');
    publicIn(mine, { domainName, hostedZone: zoneIn(mine) }, platform);
    expect(shared.dependencies).toEqual([]);
    for (const type of [CERTIFICATE, RECORD]) {
      Template.fromStack(shared).resourceCountIs(type, 1);
      Template.fromStack(mine).resourceCountIs(type, 0);
    }
  });

  test("refuses a zone that the API's stack defines", () => {
    const app = testApp();
    const platform = new ModelPlatform(stackIn(app, 'Shared'), 'Platform');
    const mine = stackIn(app, 'Mine');
    const hostedZone = new PublicHostedZone(mine, 'Zone', { zoneName: 'example.com' });
    expect(() => publicIn(mine, { domainName, hostedZone }, platform)).toThrow(
      '[Mine/Api] hostedZone Mine/Zone and the platform that needs it are in different stacks, and Mine depends on Shared: define the hostedZone in Shared',
    );
  });
});

describe('refused', () => {
  test.each<[string, Partial<PublicAccessOptions>, boolean, string]>([
    [
      'no certificate, and no way to one',
      { domainName },
      false,
      'Access.public() needs certificate, or domainName and hostedZone for one to be defined, or the certificate of the platform',
    ],
    [
      'a zone without a name',
      {},
      true,
      'Access.public() has hostedZone and no domainName: give the name that its record is to have',
    ],
    [
      'a name that is not in the zone',
      { domainName: 'iris.badexample.com' },
      true,
      "domainName 'iris.badexample.com' is not in the hostedZone 'example.com': give a name that ends with .example.com, or the zone of the name",
    ],
    [
      'a pattern',
      { domainName: '*.example.com' },
      false,
      `Access.public() domainName must be a name that is known at synth, of labels of letters, digits and inner -, and letters alone after the last ., such as 'iris.example.com' (got "*.example.com"); patterns go to the host of the API`,
    ],
  ])('%s', (_, options, inZone, message) => {
    const stack = stackIn();
    const hostedZone = inZone ? zoneIn(stack) : undefined;
    expect(() => publicIn(stack, { ...options, hostedZone })).toThrow(`[Stack/Api] ${message}`);
  });
});

describe('the host of an API', () => {
  test('may be wider than the name of its access', () => {
    const stack = stackIn();
    const access = Access.public({ certificate: certificateIn(stack), domainName, auth: Auth.none() });
    const { url } = apiIn(stack, { access, host: '*.example.com' });
    expect(url).toBe(`https://${domainName}`);
    expect(JSON.stringify(only(Template.fromStack(stack), RULE).Conditions)).toContain('"*.example.com"');
  });

  test('must take it in', () => {
    const stack = stackIn();
    const access = Access.public({ certificate: certificateIn(stack), domainName, auth: Auth.none() });
    expect(() => apiIn(stack, { access, host: 'other.example.com' })).toThrow(
      "[Stack/Api] host 'other.example.com' does not take in 'iris.example.com', the domainName of Access.public(): leave out host, or give one that does",
    );
  });

  test('is the URL of an internal API, where it is one name', () => {
    expect(apiIn(stackIn(), { host: 'iris.internal' }).url).toBe('http://iris.internal');
  });

  test('that is a pattern is not what the URL names, and the output says so', () => {
    const stack = stackIn();
    apiIn(stack, { host: '*.models.example.com' });
    Template.fromStack(stack).hasOutput('*', {
      Description:
        'Where the load balancer is; it leads callers to the API by names that fit *.models.example.com only',
    });
  });
});
