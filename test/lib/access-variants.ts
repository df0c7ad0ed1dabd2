/** Declarations of each kind of access, as variants that are judged as wholes. */
import type { App, Stack } from 'aws-cdk-lib';
import { UserPool } from 'aws-cdk-lib/aws-cognito';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { ApplicationLoadBalancer, ApplicationProtocol, ListenerAction } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AuthenticateCognitoAction } from 'aws-cdk-lib/aws-elasticloadbalancingv2-actions';
import { Access, Auth, JwtClaimFormat, ModelPlatform, WebAcl } from 'cdk-model-api';
import { apiIn, certificateIn, keysIn, stackIn, zoneIn } from './declaration';

/** A name with its certificate and record, keys and a web ACL, all defined. */
export function publicWithKeys(app: App): Stack[] {
  const stack = stackIn(app, 'PublicWithKeys');
  const name = { domainName: 'iris.example.com', hostedZone: zoneIn(stack) };
  apiIn(stack, { access: Access.public({ ...name, auth: Auth.apiKeys(keysIn(stack)), webAcl: WebAcl.standard() }) });
  return [stack];
}

/** Tokens that the load balancer verifies, but for what a browser asks before it sends one. */
export function jwt(app: App): Stack[] {
  const stack = stackIn(app, 'Jwt');
  const issuer = 'https://issuer.example.com';
  const claims = [{ name: 'scope', values: ['predict'], format: JwtClaimFormat.SPACE_SEPARATED }];
  const auth = Auth.jwt({ issuer, jwksEndpoint: `${issuer}/jwks`, claims });
  const access = Access.public({ certificate: certificateIn(stack), domainName: 'iris.example.com', auth });
  apiIn(stack, { access, cors: { allowOrigins: ['https://app.example.com'] } });
  return [stack];
}

/** APIs told apart by name, in stacks of their own, with one certificate for all. */
export function byHost(app: App): Stack[] {
  const shared = stackIn(app, 'ByHost');
  const platform = new ModelPlatform(shared, 'Platform', { certificate: certificateIn(shared) });
  const apis = ['a', 'b'].map((name) => {
    const stack = stackIn(app, `ByHost-${name}`);
    const hostedZone = zoneIn(stack);
    const access = Access.public({ domainName: `${name}.example.com`, hostedZone, auth: Auth.none() });
    apiIn(stack, { platform, access });
    return stack;
  });
  return [shared, ...apis];
}

export function givenListener(app: App): Stack[] {
  const theirs = stackIn(app, 'TheirListener');
  const loadBalancer = new ApplicationLoadBalancer(theirs, 'Balancer', { vpc: new Vpc(theirs, 'Vpc') });
  const listener = loadBalancer.addListener('Listener', {
    protocol: ApplicationProtocol.HTTP,
    open: false,
    defaultAction: ListenerAction.fixedResponse(404),
  });
  const ours = stackIn(app, 'OurRule');
  apiIn(ours, { platform: new ModelPlatform(ours, 'Platform', { listener }), path: '/iris', priority: 120 });
  return [ours];
}

/** People who sign in, on the internet; and inside the VPC, where HTTPS has a listener beside that for HTTP. */
export function custom(app: App): Stack[] {
  const stack = stackIn(app, 'Custom');
  const userPool = UserPool.fromUserPoolId(stack, 'Users', 'eu-west-1_AbCdEfGhI');
  const userPoolClient = userPool.addClient('Client', { generateSecret: true });
  const userPoolDomain = userPool.addDomain('Domain', { cognitoDomain: { domainPrefix: 'iris' } });
  const signIn = {
    authenticate: (next: ListenerAction) =>
      new AuthenticateCognitoAction({ userPool, userPoolClient, userPoolDomain, next }),
  };
  const platform = new ModelPlatform(stack, 'Platform', { certificate: certificateIn(stack) });
  apiIn(stack, { platform, access: Access.custom(signIn, { internetFacing: true }) }, 'Outside');
  apiIn(stack, { platform, access: Access.custom(signIn) }, 'Inside');
  apiIn(stack, { platform }, 'Plain');
  return [stack];
}
