/** The whole declaration: what it exposes, prints, grants, and what it refuses. */
import { type App, Duration, type Environment, Lazy, RemovalPolicy, SecretValue, Size } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { PolicyStatement, Role, ServicePrincipal, User } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, test } from 'vitest';
import { type ModelApiProps, ModelPlatform } from '../../lib';
import { METRICS } from '../../runtime/contract/metrics';
import { testApp } from './assembly';
import { apiIn, declared, ENV, publicAccess, stackIn } from './declaration';

/** Outputs by the last part of their names, as text. */
function outputsOf(props: Partial<ModelApiProps> = {}): Record<string, string> {
  const outputs = Object.entries(declared(props).findOutputs('*'));
  return Object.fromEntries(
    outputs.map(([key, { Value }]) => [key.replace(/^Api|\w{8}$/g, ''), JSON.stringify(Value)]),
  );
}

describe('outputs', () => {
  test('say where the API is and what to type next', () => {
    expect(Object.keys(outputsOf()).sort()).toEqual([
      'DashboardUrl',
      'LogsCommand',
      'PredictCommand',
      'ProbeFunctionName',
      'Url',
    ]);
    expect(outputsOf().PredictCommand).toBe('"npx cdk-model-api predict --stack Stack --json @body.json"');
    expect(outputsOf().LogsCommand).toMatch(/"aws logs tail ",\{"Ref":"ApiLogGroup\w+"\}," --follow"/);
    expect(outputsOf().DashboardUrl).toContain('https://eu-west-1.console.aws.amazon.com/cloudwatch/home');
  });

  test('name the API in the command where a stack has several', () => {
    const stack = stackIn();
    const platform = new ModelPlatform(stack, 'Platform');
    for (const name of ['Iris', 'Iris2']) apiIn(stack, { platform, path: `/${name}` }, name);
    const outputs = Object.entries(Template.fromStack(stack).findOutputs('*'));
    const commands = outputs.filter(([key]) => key.includes('PredictCommand')).map(([, { Value }]) => Value);
    expect(commands).toEqual([
      'npx cdk-model-api predict --stack Stack --api Iris --json @body.json',
      'npx cdk-model-api predict --stack Stack --api Iris2 --json @body.json',
    ]);
  });

  test('give the URL with its path', () => {
    expect(outputsOf({ path: '/iris' }).Url).toMatch(/"http:\/\/",.*DNSName.*"\/iris"/);
    const stack = stackIn();
    const { url } = apiIn(stack, { access: publicAccess(stack) });
    expect(JSON.stringify(stack.resolve(url))).toContain('"https://"');
  });
});

describe('parts', () => {
  test('are there for whoever needs more than props say', () => {
    const api = apiIn(stackIn());
    expect(api.service.taskDefinition).toBe(api.taskDefinition);
    expect(api.taskDefinition.defaultContainer).toBe(api.container);
    expect(api.cluster.vpc).toBe(api.vpc);
    expect(api.listener.node.path).toBe('Stack/Api/Platform/Internal/Listener');
    expect(api.loadBalancer.node.path).toBe('Stack/Api/Platform/Internal/LoadBalancer');
    expect(api.targetGroup.node.path).toBe('Stack/Api/Target/Group');
    expect(api.dashboard?.node.path).toBe('Stack/Api/Dashboard');
    expect(api.alarms.length).toBeGreaterThan(0);
  });

  test('connections are those of the replicas', () => {
    const stack = stackIn();
    const api = apiIn(stack);
    const database = new SecurityGroup(stack, 'Database', { vpc: api.vpc });
    database.connections.allowFrom(api, Port.tcp(5432));
    Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      FromPort: 5432,
      SourceSecurityGroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ApiSecurityGroup'), 'GroupId'] },
    });
  });

  test('logs are kept for a month, and for as long as they are asked to be', () => {
    const kept = (props?: Partial<ModelApiProps>) =>
      Object.values(declared(props).findResources('AWS::Logs::LogGroup')).map(
        ({ Properties, DeletionPolicy }) => `${Properties.RetentionInDays} ${DeletionPolicy}`,
      );
    expect(kept()).toEqual(Array(3).fill('30 Retain'));
    const week = { logRetention: RetentionDays.ONE_WEEK, removalPolicy: RemovalPolicy.DESTROY };
    expect(kept(week)).toEqual(Array(3).fill('7 Delete'));
  });
});

describe('grants', () => {
  test('the API is a grantee: its handler may do what it was granted', () => {
    const stack = stackIn();
    const api = apiIn(stack);
    new Bucket(stack, 'Models').grantRead(api);
    api.addToTaskRolePolicy(new PolicyStatement({ actions: ['s3:ListAllMyBuckets'], resources: ['*'] }));
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      Roles: [{ Ref: Match.stringLikeRegexp('TaskRole') }],
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 's3:ListAllMyBuckets' })]) },
    });
  });

  test.each([
    [
      'a role',
      (stack: App) =>
        new Role(stackIn(stack, 'Other'), 'R', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }),
    ],
    ['an imported role', (stack: App) => Role.fromRoleName(stackIn(stack, 'Other'), 'R', 'deployer')],
    ['a user', (stack: App) => new User(stackIn(stack, 'Other'), 'U')],
  ])('grantInvoke lets %s invoke the probe', (_, granteeIn) => {
    const app = testApp();
    const api = apiIn(stackIn(app));
    const grant = api.grantInvoke(granteeIn(app));
    expect(grant.success).toBe(true);
    expect(grant.principalStatement?.actions).toEqual(['lambda:InvokeFunction']);
  });
});

describe('a name of two APIs', () => {
  const EU = ENV;
  const US = { ...ENV, region: 'us-east-1' };

  test.each<[string, Environment, Environment]>([
    ['in one account and region', EU, EU],
    ['where one place is not known', EU, {}],
    ['where neither is', {}, {}],
  ])('%s is refused', (_, env, other) => {
    const app = testApp();
    apiIn(stackIn(app, 'One', { env }), { apiName: 'iris' });
    expect(() => apiIn(stackIn(app, 'Other', { env: other }), { apiName: 'iris' })).toThrow(
      '[Other/Api] apiName "iris" is that of One/Api too, and the two would share metrics, alarms and what they scale by: give one of them another apiName',
    );
  });

  test('may be the same in two regions or accounts, and in two apps', () => {
    const app = testApp();
    const places = { One: EU, Two: US, Three: { ...EU, account: '210987654321' } };
    for (const [id, env] of Object.entries(places)) apiIn(stackIn(app, id, { env }), { apiName: 'iris' });
    apiIn(stackIn(testApp(), 'One'), { apiName: 'iris' });
    expect(app.synth().stacks).toHaveLength(3);
  });
});

describe('metrics', () => {
  test.each([
    ['metricRequests', METRICS.requests.emf, 'Sum'],
    ['metricServerErrors', METRICS.serverErrors.emf, 'Sum'],
    ['metricShed', METRICS.shed.emf, 'Sum'],
    ['metricLatency', METRICS.latency.emf, 'Average'],
    ['metricOfferedConcurrency', METRICS.offeredConcurrency.emf, 'Average'],
  ] as const)('%s is %s, by default its %s', (method, metricName, statistic) => {
    const api = apiIn(stackIn(), { apiName: 'iris' });
    const metric = api[method]();
    expect(metric).toMatchObject({ namespace: 'ModelApi', metricName, statistic, dimensions: { Api: 'iris' } });
    expect(api[method]({ statistic: 'p99' }).statistic).toBe('p99');
  });

  test('any other is had by its name', () => {
    expect(
      apiIn(stackIn())
        .metric('QueueTime', { period: Duration.hours(1) })
        .period.toHours(),
    ).toBe(1);
  });

  test('are named after the stack too, so that staging and production share none', () => {
    const app = testApp();
    const [one, two] = ['Staging', 'Production'].map((id) => apiIn(stackIn(app, id)).apiName);
    expect(one).toMatch(/^Staging-Api/);
    expect(two).toMatch(/^Production-Api/);
  });
});

describe('contradictions', () => {
  test.each<[Partial<ModelApiProps>, string]>([
    [
      { path: 'iris' },
      `path must be '/' or segments of letters, digits and ._~- without a final slash, such as '/iris' (got "iris")`,
    ],
    [{ path: '/iris/' }, '(got "/iris/")'],
    [{ path: '/a*' }, '(got "/a*")'],
    [{ path: Lazy.string({ produce: () => '/a' }) }, 'path must be known at synth'],
    [{ path: `/${'a'.repeat(126)}` }, 'path must have at most 126 characters (got 127)'],
    [{ apiName: '' }, 'apiName must be 1 to 255 printable ASCII characters and not start with a colon (got "")'],
    [{ apiName: 'größe' }, '(got "größe")'],
    [{ apiName: ':iris' }, '(got ":iris")'],
    [{ config: [] as never }, 'config must be an object with string keys (got [])'],
    [{ config: { a: [() => 1] } }, 'config holds a function, which JSON cannot express: give its result'],
    [
      { config: { hub: [{ token: SecretValue.secretsManager('hub') }] } },
      'config holds a secret, which everybody would read who may read the task definition: give it as one of secrets',
    ],
    [{ workers: 0 }, 'workers must be an integer of at least 1 (got 0)'],
    [{ workers: Lazy.number({ produce: () => 2 }) }, 'workers must be known at synth: the scaling target follows it'],
    [{ concurrency: 1.5 }, 'concurrency must be an integer of at least 1 (got 1.5)'],
    [{ workers: 2, autoWorkers: true }, 'workers (2) and autoWorkers both say how many: leave one out'],
    [{ recycleAfterRequests: 0 }, 'recycleAfterRequests must be an integer of at least 1 (got 0)'],
    [{ recycleAboveMemory: Size.bytes(0) }, 'recycleAboveMemory in bytes must be an integer of at least 1 (got 0)'],
    [{ maxJsonDepth: 0 }, 'maxJsonDepth must be an integer of at least 1 (got 0)'],
    [{ queueRequests: 0 }, 'queueRequests must be an integer of at least 1 (got 0)'],
    [{ requestTimeout: Duration.hours(1) }, 'requestTimeout in seconds must be an integer from 1 to 3595 (got 3600)'],
    [{ requestTimeout: Duration.millis(500) }, 'requestTimeout in seconds must be an integer from 1 to 3595 (got 0.5)'],
    [{ loadTimeout: Duration.seconds(0) }, 'loadTimeout in seconds must be an integer of at least 1 (got 0)'],
    [
      { maxRequestSize: Size.mebibytes(Lazy.number({ produce: () => 1 })) },
      'maxRequestSize is known at deployment only and cannot be converted: give it as Size.bytes()',
    ],
    [{ maxRequestSize: Size.bytes(0) }, 'maxRequestSize in bytes must be an integer of at least 1 (got 0)'],
  ])('%j is refused, with the path of the API', (props, message) => {
    expect(() => declared(props)).toThrow(message);
    expect(() => declared(props)).toThrow(/^\[Stack\/Api\] /);
  });

  test('are told all at once', () => {
    expect(() => declared({ path: 'iris', workers: 0 })).toThrow(/path must.*\n\[Stack\/Api\] workers must/);
  });
});

test('a default declaration stays far from the 500 resources of a stack', () => {
  const stack = stackIn(testApp(), 'Stack', { env: ENV });
  apiIn(stack);
  const { Resources } = Template.fromStack(stack).toJSON();
  expect(Object.keys(Resources).length).toBeLessThan(100);
});
