/** Who gets in. The surface is judged over whole templates: no ingress from everywhere that nobody asked for. */

import { Template } from 'aws-cdk-lib/assertions';
import { Peer, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import { describe, expect, test } from 'vitest';
import { Access, Auth, ModelPlatform } from '../../lib';
import { testApp } from './assembly';
import { apiIn, certificateIn, declared, only, publicAccess, stackIn } from './declaration';

const LOAD_BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';

/** Every rule that lets somebody in, inline or not: [who, port]. */
function ingress(template: Template): [string, number][] {
  const groups = Object.values(template.findResources('AWS::EC2::SecurityGroup'));
  const inline = groups.flatMap(({ Properties }) => Properties.SecurityGroupIngress ?? []);
  const apart = Object.values(template.findResources('AWS::EC2::SecurityGroupIngress')).map((rule) => rule.Properties);
  return [...inline, ...apart].map((rule) => [rule.CidrIp ?? rule.CidrIpv6 ?? 'group', rule.FromPort]);
}

function worldWide(template: Template): unknown[] {
  return ingress(template).filter(([who]) => who === '0.0.0.0/0' || who === '::/0');
}

describe('Access.internal', () => {
  test('lets in the addresses of the VPC, and nobody else', () => {
    const template = declared();
    expect(only(template, LOAD_BALANCER).Scheme).toBe('internal');
    expect(ingress(template).filter(([who]) => who !== 'group')).toEqual([['10.0.0.0/16', 80]]);
  });

  test('lets in whom allowFrom names, instead', () => {
    const template = declared({ access: Access.internal({ allowFrom: [Peer.ipv4('10.9.0.0/16')] }) });
    expect(ingress(template).filter(([who]) => who !== 'group')).toEqual([['10.9.0.0/16', 80]]);
  });

  test('asks for allowFrom where the VPC was imported without its range', () => {
    const stack = stackIn();
    const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-1',
      availabilityZones: ['a', 'b'],
      privateSubnetIds: ['s-1', 's-2'],
    });
    const platform = new ModelPlatform(stack, 'Platform', { vpc });
    expect(() => apiIn(stack, { platform })).toThrow(
      "[Stack/Api] Access.internal() admits the VPC's addresses, and the VPC Stack/Vpc was imported without vpcCidrBlock: give allowFrom, such as { allowFrom: [ec2.Peer.ipv4('10.0.0.0/16')] }",
    );
  });

  test('a listener of its own answers 404 to what no API has', () => {
    const { DefaultActions, Port, Protocol } = only(declared(), LISTENER);
    expect([Port, Protocol]).toEqual([80, 'HTTP']);
    expect(JSON.parse(DefaultActions[0].FixedResponseConfig.MessageBody)).toMatchObject({
      status: 404,
      code: 'not_found',
    });
  });
});

describe('Access.public', () => {
  const template = () => {
    const stack = stackIn();
    apiIn(stack, { access: publicAccess(stack) });
    return Template.fromStack(stack);
  };

  test('faces the internet over HTTPS with a modern policy', () => {
    const made = template();
    expect(only(made, LOAD_BALANCER).Scheme).toBe('internet-facing');
    made.hasResourceProperties(LISTENER, {
      Port: 443,
      Protocol: 'HTTPS',
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-Res-2021-06',
    });
  });

  test('redirects plain HTTP, and serves nothing over it', () => {
    template().hasResourceProperties(LISTENER, {
      Port: 80,
      DefaultActions: [
        { Type: 'redirect', RedirectConfig: { Port: '443', Protocol: 'HTTPS', StatusCode: 'HTTP_301' } },
      ],
    });
  });

  test('lets the world reach the load balancer, and the load balancer alone', () => {
    expect(worldWide(template()).sort()).toEqual([
      ['0.0.0.0/0', 443],
      ['0.0.0.0/0', 80],
    ]);
  });

  test('lets in whom allowFrom names, instead', () => {
    const stack = stackIn();
    const options = { certificate: certificateIn(stack), auth: Auth.none(), allowFrom: [Peer.ipv4('203.0.113.0/24')] };
    apiIn(stack, { access: Access.public(options) });
    expect(worldWide(Template.fromStack(stack))).toEqual([]);
  });

  test('is refused without auth, which plain JavaScript may leave out', () => {
    const stack = stackIn();
    const access = Access.public({ certificate: certificateIn(stack) } as Parameters<typeof Access.public>[0]);
    expect(() => apiIn(stack, { access })).toThrow(
      '[Stack/Api] Access.public() needs auth: give one, or say Auth.none() aloud',
    );
  });

  test('of a second API brings its certificate to the listener that is there', () => {
    const stack = stackIn();
    const platform = new ModelPlatform(stack, 'Platform');
    for (const name of ['one', 'two']) {
      const access = Access.public({ certificate: certificateIn(stack, name), auth: Auth.none() });
      apiIn(stack, { platform, access, path: `/${name}` }, name);
    }
    const { Certificates } = only(Template.fromStack(stack), 'AWS::ElasticLoadBalancingV2::ListenerCertificate');
    expect(Certificates[0].CertificateArn).toMatch(/certificate\/two$/);
  });
});

describe('the surface', () => {
  const bothKinds = (): Template[] => {
    const own = stackIn();
    apiIn(own);
    const given = stackIn();
    const cluster = new Cluster(given, 'Cluster', { vpc: new Vpc(given, 'Vpc') });
    apiIn(given, { platform: new ModelPlatform(given, 'Platform', { cluster }) });
    return [Template.fromStack(own), Template.fromStack(given)];
  };

  test('without Access.public nobody from everywhere gets in', () => {
    for (const template of bothKinds()) expect(worldWide(template)).toEqual([]);
  });

  test('no task has a public address', () => {
    for (const template of [...bothKinds(), declared()]) {
      const { AwsvpcConfiguration } = only(template, 'AWS::ECS::Service').NetworkConfiguration;
      expect(AwsvpcConfiguration.AssignPublicIp).toBe('DISABLED');
    }
  });

  test('tasks stand in private subnets of a VPC of their own', () => {
    const { AwsvpcConfiguration } = only(declared(), 'AWS::ECS::Service').NetworkConfiguration;
    const refs: string[] = AwsvpcConfiguration.Subnets.map(({ Ref }: { Ref: string }) => Ref);
    expect(refs.every((ref) => ref.includes('PrivateSubnet'))).toBe(true);
    expect(refs).toHaveLength(2);
  });
});

test("a security group of the API's stack may be admitted to a platform of another", () => {
  const app = testApp();
  const platformStack = stackIn(app, 'Shared');
  const platform = new ModelPlatform(platformStack, 'Platform');
  const apiStack = stackIn(app, 'Mine');
  const callers = new SecurityGroup(apiStack, 'Callers', { vpc: platform.vpc });
  apiIn(apiStack, { platform, access: Access.internal({ allowFrom: [callers] }) });
  Template.fromStack(apiStack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', { FromPort: 80 });
});
