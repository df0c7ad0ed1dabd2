/** For each option of access, authentication and web ACL an edit of it, and what that edit may cost. */

import type { Stack } from 'aws-cdk-lib';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { Peer } from 'aws-cdk-lib/aws-ec2';
import { AuthenticateCognitoAction } from 'aws-cdk-lib/aws-elasticloadbalancingv2-actions';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import {
  Access,
  Auth,
  type CustomAccessOptions,
  type IListenerAuthentication,
  type JwtAuthOptions,
  JwtClaimFormat,
  type PublicAccessOptions,
  type StandardWebAclOptions,
  WebAcl,
} from '../../../lib';
import { certificateIn } from '../declaration';
import { type Change, ofApi, type Reasons } from './change';

const OFFICE = [Peer.ipv4('203.0.113.0/24')];
const ISSUER = { issuer: 'https://login.example', jwksEndpoint: 'https://login.example/keys' };

/** The scheme of a load balancer cannot be changed, and two kinds of access have one each. */
const OTHER_ENTRANCE: Reasons = {
  '*': 'callers come in through another load balancer, from the internet instead of the network or the other way round',
};

const open = (stack: Stack, options: Partial<PublicAccessOptions> = {}) => ({
  access: Access.public({ certificate: certificateIn(stack), auth: Auth.none(), ...options }),
});

const ofPublic = (options: (stack: Stack) => Partial<PublicAccessOptions>, replaces: Reasons = {}) =>
  ofApi(
    (stack) => open(stack, options(stack)),
    (stack) => open(stack),
    replaces,
  );

const jwt = (options: Partial<JwtAuthOptions>, before: Partial<JwtAuthOptions> = {}) =>
  ofApi(
    (stack) => open(stack, { auth: Auth.jwt({ ...ISSUER, ...options }) }),
    (stack) => open(stack, { auth: Auth.jwt({ ...ISSUER, ...before }) }),
  );

const CLAIM = { name: 'aud', values: ['models'] };

const webAcl = (options: StandardWebAclOptions) =>
  ofApi(
    (stack) => open(stack, { webAcl: WebAcl.standard(options) }),
    (stack) => open(stack, { webAcl: WebAcl.standard() }),
  );

const zoneIn = (stack: Stack) =>
  HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z1', zoneName: 'example.com' });

function signIn(stack: Stack): IListenerAuthentication {
  const userPool = new UserPool(stack, 'Pool');
  const userPoolClient = userPool.addClient('Client', { generateSecret: true });
  const userPoolDomain = userPool.addDomain('Domain', { cognitoDomain: { domainPrefix: 'models' } });
  return { authenticate: (next) => new AuthenticateCognitoAction({ userPool, userPoolClient, userPoolDomain, next }) };
}

const custom = (stack: Stack, options: CustomAccessOptions = {}) => ({
  access: Access.custom(signIn(stack), { certificate: certificateIn(stack), ...options }),
});

const ofCustom = (options: CustomAccessOptions, replaces: Reasons = {}) =>
  ofApi(
    (stack) => custom(stack, options),
    (stack) => custom(stack),
    replaces,
  );

export const ACCESS: Record<string, Change> = {
  'Access.custom': ofApi((stack) => custom(stack), undefined, OTHER_ENTRANCE),
  'Access.internal': ofApi(
    () => ({}),
    (stack) => open(stack),
    OTHER_ENTRANCE,
  ),
  'Access.public': ofApi((stack) => open(stack), undefined, OTHER_ENTRANCE),
  'InternalAccessOptions.allowFrom': ofApi(() => ({ access: Access.internal({ allowFrom: OFFICE }) })),
  'InternalAccessOptions.auth': ofApi((stack) => ({
    access: Access.internal({ auth: Auth.apiKeys(new Secret(stack, 'Keys')) }),
  })),
  'PublicAccessOptions.allowFrom': ofPublic(() => ({ allowFrom: OFFICE })),
  'PublicAccessOptions.auth': ofPublic((stack) => ({ auth: Auth.apiKeys(new Secret(stack, 'Keys')) })),
  'CustomAccessOptions.allowFrom': ofCustom({ allowFrom: OFFICE }),
  'CustomAccessOptions.auth': ofApi(
    (stack) => custom(stack, { auth: Auth.apiKeys(new Secret(stack, 'Keys')) }),
    (stack) => custom(stack),
  ),
  'CustomAccessOptions.internetFacing': ofCustom({ internetFacing: true }, OTHER_ENTRANCE),
  'NamedAccessOptions.certificate': ofPublic((stack) => ({ certificate: certificateIn(stack, 'other') })),
  'NamedAccessOptions.domainName': ofPublic(() => ({ domainName: 'iris.example.com' })),
  'NamedAccessOptions.hostedZone': ofApi(
    (stack) => open(stack, { domainName: 'iris.example.com', hostedZone: zoneIn(stack) }),
    (stack) => open(stack, { domainName: 'iris.example.com' }),
  ),
  'NamedAccessOptions.webAcl': ofPublic(() => ({ webAcl: WebAcl.standard() })),
};

export const AUTH: Record<string, Change> = {
  'Auth.apiKeys': ofPublic((stack) => ({ auth: Auth.apiKeys(new Secret(stack, 'Keys')) })),
  'Auth.jwt': ofPublic(() => ({ auth: Auth.jwt(ISSUER) })),
  'Auth.none': ofApi(
    (stack) => open(stack),
    (stack) => open(stack, { auth: Auth.jwt(ISSUER) }),
  ),
  'JwtAuthOptions.claims': jwt({ claims: [CLAIM] }),
  'JwtAuthOptions.issuer': jwt({ issuer: 'https://other.example' }),
  'JwtAuthOptions.jwksEndpoint': jwt({ jwksEndpoint: 'https://other.example/keys' }),
  'JwtClaim.format': jwt({ claims: [{ ...CLAIM, format: JwtClaimFormat.STRING_ARRAY }] }, { claims: [CLAIM] }),
  'JwtClaim.name': jwt({ claims: [{ ...CLAIM, name: 'scope' }] }, { claims: [CLAIM] }),
  'JwtClaim.values': jwt({ claims: [{ ...CLAIM, values: ['others'] }] }, { claims: [CLAIM] }),
  'WebAcl.fromArn': ofPublic(() => ({
    webAcl: WebAcl.fromArn('arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/a/b'),
  })),
  'WebAcl.standard': ofPublic(() => ({ webAcl: WebAcl.standard() })),
  'StandardWebAclOptions.countedRules': webAcl({ countedRules: ['CrossSiteScripting_BODY'] }),
  'StandardWebAclOptions.requestsPerFiveMinutes': webAcl({ requestsPerFiveMinutes: 500 }),
};
