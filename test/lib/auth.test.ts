/** How callers prove who they are: what reaches the load balancer, and what is refused. */
import { Template } from 'aws-cdk-lib/assertions';
import { ApplicationListener, ApplicationProtocol, ListenerAction } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { describe, expect, test } from 'vitest';
import { Access, Auth, type JwtAuthOptions, JwtClaimFormat, ModelPlatform } from '../../lib';
import { apiIn, certificateIn, declared, keysIn, only, stackIn, warningsOf } from './declaration';

const RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule';
const ISSUER = 'https://issuer.example.com';
const TOKENS = { issuer: ISSUER, jwksEndpoint: `${ISSUER}/jwks`, claims: [{ name: 'aud', values: ['iris'] }] };

function publicWith(auth: (stack: ReturnType<typeof stackIn>) => Auth) {
  const stack = stackIn();
  apiIn(stack, { access: Access.public({ certificate: certificateIn(stack), auth: auth(stack) }) });
  return { stack, template: Template.fromStack(stack) };
}

const withTokens = (options: Partial<JwtAuthOptions> = {}) => publicWith(() => Auth.jwt({ ...TOKENS, ...options }));

function balancerGroupOf(template: Template): Record<string, unknown> {
  const groups = Object.values(template.findResources('AWS::EC2::SecurityGroup')).map(({ Properties }) => Properties);
  return groups.find(({ GroupDescription }) => GroupDescription === 'Load balancer of model APIs');
}

describe('Auth.jwt', () => {
  test('has the load balancer verify tokens before it forwards', () => {
    const { Actions } = only(withTokens().template, RULE);
    expect(Actions.map(({ Type, Order }: { Type: string; Order: number }) => [Type, Order])).toEqual([
      ['jwt-validation', 1],
      ['forward', 2],
    ]);
    expect(Actions[0].JwtValidationConfig).toEqual({
      Issuer: ISSUER,
      JwksEndpoint: `${ISSUER}/jwks`,
      AdditionalClaims: [{ Name: 'aud', Format: 'single-string', Values: ['iris'] }],
    });
  });

  test('reads claims as they are written', () => {
    const claims = [{ name: 'scope', values: ['predict'], format: JwtClaimFormat.SPACE_SEPARATED }];
    const { Actions } = only(withTokens({ claims }).template, RULE);
    expect(Actions[0].JwtValidationConfig.AdditionalClaims[0].Format).toBe('space-separated-values');
  });

  test('lets the load balancer fetch the keys, and nobody else is let out', () => {
    const { SecurityGroupEgress } = balancerGroupOf(withTokens().template);
    expect(SecurityGroupEgress).toMatchObject([
      { FromPort: 8080, ToPort: 8081 },
      { CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443 },
    ]);
  });

  test('leaves the service to wait for the rule', () => {
    const { template } = withTokens();
    const [service] = Object.values(template.findResources('AWS::ECS::Service'));
    expect(service?.DependsOn).toContain(Object.keys(template.findResources(RULE))[0]);
  });

  test('without claims says that every token of the issuer gets in', () => {
    expect(warningsOf(withTokens({ claims: [] }).stack)).toEqual(['cdk-model-api:jwtWithoutClaims']);
    expect(warningsOf(withTokens().stack)).toEqual([]);
  });

  test('is refused over plain HTTP', () => {
    expect(() => declared({ access: Access.internal({ auth: Auth.jwt(TOKENS) }) })).toThrow(
      '[Stack/Api] Auth.jwt reads what Access.internal() lets travel in the clear, where anybody on the way could take it: use Access.public(), which is HTTPS',
    );
  });

  test('is taken over a given listener that speaks HTTPS', () => {
    const stack = stackIn();
    const theirs = apiIn(stack, {}, 'Theirs');
    const listener = new ApplicationListener(stack, 'Tls', {
      loadBalancer: theirs.loadBalancer,
      protocol: ApplicationProtocol.HTTPS,
      certificates: [certificateIn(stack)],
      open: false,
      defaultAction: ListenerAction.fixedResponse(404),
    });
    const platform = new ModelPlatform(stack, 'Platform', { listener });
    const access = Access.internal({ auth: Auth.jwt(TOKENS) });
    const { url } = apiIn(stack, { platform, access, priority: 1 });
    expect(JSON.stringify(stack.resolve(url))).toContain('"https://"');
  });

  test.each<[Partial<JwtAuthOptions>, string]>([
    [
      { issuer: 'http://issuer.example.com' },
      'Auth.jwt issuer must be a URL that starts with https:// and has at most 256 characters (got "http://issuer.example.com")',
    ],
    [{ jwksEndpoint: 'keys' }, 'Auth.jwt jwksEndpoint must be a URL'],
    [{ jwksEndpoint: undefined }, 'Auth.jwt needs jwksEndpoint'],
    [{ claims: [{ name: 'iss', values: ['a'] }] }, 'Auth.jwt claim "iss" is verified anyway: leave it out'],
    [{ claims: [{ name: '', values: ['a'] }] }, `Auth.jwt claims need a name, such as 'aud' (got "")`],
    [{ claims: [{ name: 'aud', values: [''] }] }, 'Auth.jwt claim "aud" has an empty value: leave it out'],
    [{ claims: [{ name: 'aud' } as never] }, 'Auth.jwt claim "aud" must have 1 to 10 values (got 0)'],
    [
      { claims: ['a', 'b', 'c'].map((value) => ({ name: 'aud', values: [value] })) },
      'Auth.jwt claims have "aud" more than once: give one, with all its values',
    ],
    [{ claims: [{ name: 'aud', values: [] }] }, 'Auth.jwt claim "aud" must have 1 to 10 values (got 0)'],
    [
      { claims: [{ name: 'aud', values: ['a'.repeat(257)] }] },
      'Auth.jwt claim "aud" has a value of more than 256 characters (got 257)',
    ],
    [
      { claims: [{ name: 'scope', values: ['a b'], format: JwtClaimFormat.SPACE_SEPARATED }] },
      'Auth.jwt claim "scope" is read as words between spaces, and "a b" holds a space: give each word by itself',
    ],
    [{ claims: Array(11).fill({ name: 'aud', values: ['a'] }) }, 'Auth.jwt claims must be at most 10 (got 11)'],
  ])('refuses %j', (options, message) => {
    expect(() => withTokens(options)).toThrow(`[Stack/Api] ${message}`);
  });
});

test('Auth.jwt without options, which plain JavaScript may leave out, is refused', () => {
  expect(() => publicWith(() => Auth.jwt(undefined as never))).toThrow(
    '[Stack/Api] Auth.jwt needs issuer\n[Stack/Api] Auth.jwt needs jwksEndpoint',
  );
});

describe('Auth.apiKeys', () => {
  test('leaves the load balancer to forward, and may stand inside a VPC', () => {
    const stack = stackIn();
    apiIn(stack, { access: Access.internal({ auth: Auth.apiKeys(keysIn(stack)) }) });
    const { Actions } = only(Template.fromStack(stack), RULE);
    expect(Actions.map(({ Type }: { Type: string }) => Type)).toEqual(['forward']);
  });

  test('over plain HTTP are warned of, for anybody on the way can read them', () => {
    const warnedOf = (access: (stack: ReturnType<typeof stackIn>) => Access) => {
      const stack = stackIn();
      apiIn(stack, { access: access(stack) });
      return warningsOf(stack);
    };
    const keys = (stack: ReturnType<typeof stackIn>) => ({ auth: Auth.apiKeys(keysIn(stack)) });
    const tls = (stack: ReturnType<typeof stackIn>) => ({ certificate: certificateIn(stack), ...keys(stack) });
    const everybody = { authenticate: (next: ListenerAction) => next };
    expect(warnedOf((stack) => Access.internal(keys(stack)))).toEqual(['cdk-model-api:keysInTheClear']);
    expect(warnedOf(() => Access.internal())).toEqual([]);
    expect(warnedOf((stack) => Access.custom(everybody, tls(stack)))).toEqual([]);
    expect(warnedOf((stack) => Access.public(tls(stack)))).toEqual([]);
  });

  test('prints how to call, with a key from the environment', () => {
    const { template } = publicWith((stack) => Auth.apiKeys(keysIn(stack)));
    const [output] = Object.values(template.findOutputs('*', {})).filter(({ Description }) =>
      /Auth.apiKeys/.test(Description),
    );
    expect(JSON.stringify(output?.Value)).toContain('curl -H \\"X-Api-Key: $API_KEY\\"');
  });

  test('is refused without a secret, which plain JavaScript may leave out', () => {
    expect(() => publicWith(() => Auth.apiKeys(undefined as never))).toThrow(
      '[Stack/Api] Auth.apiKeys needs the secret that holds the keys',
    );
  });
});

test('a load balancer whose APIs need nobody on the internet has a way to replicas alone', () => {
  const { SecurityGroupEgress } = balancerGroupOf(publicWith(() => Auth.none()).template);
  expect(SecurityGroupEgress).toMatchObject([{ FromPort: 8080, ToPort: 8081, Description: 'Replicas of model APIs' }]);
});
