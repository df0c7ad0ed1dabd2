/** An action of the user's own before the replicas, on the internet and inside the VPC. */

import { SecretValue } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { ListenerAction } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { describe, expect, test } from 'vitest';
import { Access, Auth, type CustomAccessOptions, ModelPlatform } from '../../lib';
import { apiIn, certificateIn, declared, keysIn, only, stackIn } from './declaration';

const LOAD_BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';
const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';
const RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule';

const endpoint = 'https://issuer.example.com';
const signIn = {
  authenticate: (next: ListenerAction) =>
    ListenerAction.authenticateOidc({
      issuer: endpoint,
      tokenEndpoint: endpoint,
      userInfoEndpoint: endpoint,
      authorizationEndpoint: endpoint,
      clientId: 'iris',
      clientSecret: SecretValue.secretsManager('oidc'),
      next,
    }),
};

function behindSignIn(options: CustomAccessOptions = {}): Template {
  const stack = stackIn();
  apiIn(stack, { access: Access.custom(signIn, { certificate: certificateIn(stack), ...options }) });
  return Template.fromStack(stack);
}

describe('Access.custom', () => {
  test('puts the action before the one that forwards', () => {
    const types = only(behindSignIn(), RULE).Actions.map(({ Type }: { Type: string }) => Type);
    expect(types).toEqual(['authenticate-oidc', 'forward']);
  });

  test('stays inside the VPC, over HTTPS, unless it is told otherwise', () => {
    const template = behindSignIn();
    expect(only(template, LOAD_BALANCER).Scheme).toBe('internal');
    expect(only(template, LISTENER)).toMatchObject({ Port: 443, Protocol: 'HTTPS' });
    expect(JSON.stringify(template.findResources('AWS::EC2::SecurityGroup'))).toContain('"CidrIp":"10.0.0.0/16"');
  });

  test('faces the internet when it is told to', () => {
    const template = behindSignIn({ internetFacing: true });
    expect(only(template, LOAD_BALANCER).Scheme).toBe('internet-facing');
    template.resourceCountIs(LISTENER, 2);
  });

  test('inside the VPC shares the load balancer of internal APIs', () => {
    const stack = stackIn();
    const platform = new ModelPlatform(stack, 'Platform', { certificate: certificateIn(stack) });
    apiIn(stack, { platform }, 'Plain');
    apiIn(stack, { platform, access: Access.custom(signIn) }, 'SignedIn');
    const template = Template.fromStack(stack);
    template.resourceCountIs(LOAD_BALANCER, 1);
    const ports = Object.values(template.findResources(LISTENER)).map(({ Properties }) => Properties.Port);
    expect(ports.sort()).toEqual([443, 80]);
  });

  test('may ask for keys beside it, and for no second authentication of the load balancer', () => {
    const stack = stackIn();
    const auth = Auth.apiKeys(keysIn(stack));
    expect(() => behindSignIn({ auth })).not.toThrow();
    const jwt = Auth.jwt({ issuer: endpoint, jwksEndpoint: endpoint, claims: [{ name: 'aud', values: ['a'] }] });
    expect(() => behindSignIn({ auth: jwt })).toThrow(
      '[Stack/Api] Access.custom() has an authentication of its own, and a load balancer takes one: leave out Auth.jwt',
    );
  });

  test('is refused without TLS', () => {
    for (const internetFacing of [true, false]) {
      expect(() => declared({ access: Access.custom(signIn, { internetFacing }) })).toThrow(
        '[Stack/Api] Access.custom() needs certificate, or domainName and hostedZone for one to be defined, or the certificate of the platform',
      );
    }
  });

  describe('with an authentication that lets everybody through', () => {
    const everybody = { authenticate: (next: ListenerAction) => next };
    const behindNothing = (options: CustomAccessOptions) => {
      const stack = stackIn();
      apiIn(stack, { access: Access.custom(everybody, { certificate: certificateIn(stack), ...options }) });
    };

    test('is refused on the internet, unless auth is said', () => {
      expect(() => behindNothing({ internetFacing: true })).toThrow(
        '[Stack/Api] the authentication of Access.custom() puts no action before next, so that everybody on the internet gets in: return one that does, such as ListenerAction.authenticateOidc({ …, next }), or say auth: Auth.none() aloud',
      );
      expect(() => behindNothing({ internetFacing: true, auth: Auth.none() })).not.toThrow();
      expect(() => behindNothing({ internetFacing: false })).not.toThrow();
    });
  });

  test('is refused with another auth or webAcl than the types allow', () => {
    expect(() => behindSignIn({ auth: 'none' as never, webAcl: 'standard' as never })).toThrow(
      '[Stack/Api] Access.custom() webAcl must be a WebAcl, such as WebAcl.standard() (got standard)\n[Stack/Api] Access.custom() needs auth: give one, or say Auth.none() aloud',
    );
  });

  test('is refused with an action in the place of what makes one', () => {
    const action = ListenerAction.fixedResponse(200) as never;
    expect(() => declared({ access: Access.custom(action) })).toThrow(
      '[Stack/Api] Access.custom() needs an authentication, such as { authenticate: (next) => ListenerAction.authenticateOidc({ …, next }) }',
    );
  });
});
