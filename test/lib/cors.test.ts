/** Which pages of other origins may call: what is refused, and how preflights pass an authentication. */
import { CfnParameter, Duration, Fn, Lazy } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { Access, Auth, type CorsOptions, type ModelApiProps, ModelPlatform } from '../../lib';
import { apiIn, certificateIn, declared, stackIn } from './declaration';

const RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule';
const ISSUER = 'https://issuer.example.com';
const PAGES: CorsOptions = { allowOrigins: ['https://app.example.com'] };

describe('an origin', () => {
  test.each(['*', 'https://a.example', 'http://localhost:3000', 'https://[::1]:8443', 'capacitor://localhost'])(
    '%s is taken',
    (origin) => {
      expect(() => declared({ cors: { allowOrigins: [origin] } })).not.toThrow();
    },
  );

  test.each([
    'a.example',
    'https://a.example/',
    'https://a.example/app',
    'https://A.example',
    'https://a.example:443',
    'https://*.example.com',
    'https://user@a.example',
    'capacitor://localhost/app',
    'null',
    '',
  ])('"%s" is refused, which no browser sends so', (origin) => {
    expect(() => declared({ cors: { allowOrigins: [origin] } })).toThrow(
      `[Stack/Api] cors.allowOrigins must be '*' alone, or each an origin as browsers send it: scheme://host, with the port where it is not the scheme's own, in lower case and without a path, such as 'https://app.example.com' (got ${JSON.stringify(origin)})`,
    );
  });
});

test('a list that only the deployment knows is not judged', () => {
  expect(() => declared({ cors: { allowOrigins: Fn.split(',', Fn.importValue('origins')) } })).not.toThrow();
});

test.each<[CorsOptions, string]>([
  [{ allowOrigins: [] }, "cors.allowOrigins has no origin: give at least one, '*' for all, or leave out cors for none"],
  [{} as CorsOptions, 'cors.allowOrigins has no origin'],
  [
    { allowOrigins: ['*', 'https://a.example'] },
    `cors.allowOrigins has '*' beside others (got ["*","https://a.example"]): leave it out, or the others`,
  ],
  [
    { ...PAGES, allowHeaders: ['X Tenant'] },
    `cors.allowHeaders must be names of headers, such as 'X-Tenant' (got "X Tenant")`,
  ],
  [{ ...PAGES, maxAge: Duration.millis(1) }, 'cors.maxAge in seconds must be an integer of at least 0 (got 0.001)'],
  [
    { ...PAGES, maxAge: Duration.minutes(Lazy.number({ produce: () => 1 })) },
    'cors.maxAge must be known at synth: it is written to the gateway in seconds',
  ],
])('%j is refused', (cors, message) => {
  expect(() => declared({ cors })).toThrow(`[Stack/Api] ${message}`);
});

/** The rules of an API of which the load balancer verifies tokens, by priority. */
function rulesOf(props: Partial<ModelApiProps>, auth: Auth = withTokens()) {
  const stack = stackIn();
  apiIn(stack, { access: Access.public({ certificate: certificateIn(stack), auth }), ...props });
  const rules = Object.values(Template.fromStack(stack).findResources(RULE)).map(({ Properties }) => Properties);
  return rules.sort((one, other) => one.Priority - other.Priority);
}

function withTokens(): Auth {
  return Auth.jwt({ issuer: ISSUER, jwksEndpoint: `${ISSUER}/jwks`, claims: [{ name: 'aud', values: ['iris'] }] });
}

describe('a preflight, which brings no token', () => {
  test('is forwarded right before tokens are asked for, and nothing else is', () => {
    const [preflight, rule, ...others] = rulesOf({ cors: PAGES, path: '/iris', host: 'iris.example.com', priority: 7 });
    expect(others).toEqual([]);
    const method = { Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['OPTIONS'] } };
    expect(preflight.Conditions).toEqual([...rule.Conditions, method]);
    expect(preflight.Actions).toEqual([{ Type: 'forward', TargetGroupArn: rule.Actions[1].TargetGroupArn }]);
    expect([preflight.Priority, rule.Priority]).toEqual([6, 7]);
    expect(rule.Actions[0].Type).toBe('jwt-validation');
  });

  test('leaves the rule of the API where it is', () => {
    const [without] = rulesOf({});
    expect(rulesOf({ cors: PAGES }).map(({ Priority }) => Priority)).toEqual([without.Priority - 1, without.Priority]);
  });

  test.each<[string, Partial<ModelApiProps>, Auth]>([
    ['where no page of other origins may call', {}, withTokens()],
    ['where the load balancer asks nobody', { cors: PAGES }, Auth.none()],
  ])('has no rule %s', (_, props, auth) => {
    expect(rulesOf(props, auth)).toHaveLength(1);
  });

  test.each([
    ['the first', () => 1],
    ['one that only the deployment knows', (scope: ReturnType<typeof stackIn>) => parameterIn(scope)],
  ])('needs a number before that of the API, which %s does not leave', (_, priorityIn) => {
    expect(() => rulesOf({ cors: PAGES, priority: priorityIn(stackIn()) })).toThrow(
      '[Stack/Api/Target] priority must be known at synth and above 1, because the number before it is that of the rule for preflights: give an integer from 2 to 50000',
    );
  });

  test.each([
    [{ priority: 6 }, { priority: 7, cors: PAGES }],
    [{ priority: 7, cors: PAGES }, { priority: 6 }],
  ])('shares its number with no other API: %j, %j', (one, other) => {
    const stack = stackIn();
    const platform = new ModelPlatform(stack, 'Platform', { certificate: certificateIn(stack) });
    const access = Access.public({ auth: withTokens() });
    apiIn(stack, { platform, access, path: '/a', ...one }, 'A');
    expect(() => apiIn(stack, { platform, access, path: '/b', ...other }, 'B')).toThrow(
      '[Stack/B/Target] priority 6 on the listener Stack/Platform/Public/Listener is taken by Stack/A/Target: give one of the two another priority',
    );
  });
});

function parameterIn(scope: ReturnType<typeof stackIn>): number {
  return new CfnParameter(scope, 'Priority', { type: 'Number' }).valueAsNumber;
}
