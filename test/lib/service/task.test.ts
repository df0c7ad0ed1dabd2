/** A replica's task definition, read as the container test runs it. */

import Ajv from 'ajv/dist/2020';
import { CfnParameter, Duration, Lazy, Size, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { InstanceType } from 'aws-cdk-lib/aws-ec2';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { ContainerImage, Secret } from 'aws-cdk-lib/aws-ecs';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Secret as StoredSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { describe, expect, test } from 'vitest';
import { Compute, type ModelApiProps, ServingTask, type ServingTaskProps } from '../../../lib';
import { OVERLAY_SCHEMA } from '../../../runtime/contract/manifest';
import { apiIn, declared, only, stackIn } from '../declaration';

function containerOf(props: Partial<ModelApiProps> = {}) {
  return only(declared(props), 'AWS::ECS::TaskDefinition').ContainerDefinitions[0];
}

function overlayOf(props: Partial<ModelApiProps> = {}) {
  return JSON.parse(
    containerOf(props).Environment.find(({ Name }: { Name: string }) => Name === 'MODEL_API_CONFIG').Value,
  );
}

describe('the container', () => {
  test('runs as a numeric user without root, capabilities or a writable root', () => {
    expect(containerOf()).toMatchObject({
      User: '10001:10001',
      ReadonlyRootFilesystem: true,
      LinuxParameters: { Capabilities: { Drop: ['ALL'] } },
    });
  });

  test('writes to two task volumes, at the folders that the image declares', () => {
    const { Volumes, ContainerDefinitions } = only(declared(), 'AWS::ECS::TaskDefinition');
    expect(Volumes).toEqual([{ Name: 'tmp' }, { Name: 'var-cache-model' }]);
    expect(ContainerDefinitions[0].MountPoints).toEqual([
      { ContainerPath: '/tmp', ReadOnly: false, SourceVolume: 'tmp' },
      { ContainerPath: '/var/cache/model', ReadOnly: false, SourceVolume: 'var-cache-model' },
    ]);
  });

  test('is asked for its health on the management port, by what the image has', () => {
    const { HealthCheck } = containerOf();
    expect(HealthCheck.Command.slice(0, 2)).toEqual(['CMD', '/opt/venv/bin/python']);
    expect(HealthCheck.Command.at(-1)).toContain('"127.0.0.1", 8081');
    expect(HealthCheck).toMatchObject({ Interval: 10, Timeout: 5, Retries: 3, StartPeriod: 300 });
  });

  test('logs without ever waiting for CloudWatch', () => {
    expect(containerOf().LogConfiguration.Options).toMatchObject({
      mode: 'non-blocking',
      'max-buffer-size': '26214400b',
    });
  });

  test.each([
    [55, 75],
    [100, 120],
    [300, 120],
  ])('with a request timeout of %i s may take %i s to stop', (timeout, stop) => {
    expect(containerOf({ requestTimeout: Duration.seconds(timeout) }).StopTimeout).toBe(stop);
  });

  test('gets environment and secrets beside the overlay', () => {
    const stack = stackIn();
    const secret = Secret.fromSecretsManager(new StoredSecret(stack, 'Token'));
    apiIn(stack, { environment: { MODE: 'fast' }, secrets: { HUB_TOKEN: secret } });
    const [container] = only(Template.fromStack(stack), 'AWS::ECS::TaskDefinition').ContainerDefinitions;
    expect(container.Environment.map(({ Name }: { Name: string }) => Name)).toEqual(['MODE', 'MODEL_API_CONFIG']);
    expect(container.Secrets.map(({ Name }: { Name: string }) => Name)).toEqual(['HUB_TOKEN']);
  });
});

describe('the overlay', () => {
  test('says by default only what the gateway cannot know', () => {
    expect(overlayOf({ apiName: 'iris' })).toEqual({
      name: 'iris',
      basePath: '',
      port: 8080,
      managementPort: 8081,
      requestTimeoutMs: 55_000,
      loadTimeoutMs: 600_000,
      serveOnMs: 15_000,
      keepAliveTimeoutMs: 75_000,
      headersTimeoutMs: 80_000,
      emf: true,
    });
  });

  test('carries every serving option', () => {
    const overlay = overlayOf({
      path: '/iris',
      version: '7',
      config: { threshold: 0.5 },
      maxRequestSize: Size.mebibytes(1),
      queueSize: Size.kibibytes(1),
      queueRequests: 5,
      workers: 2,
      concurrency: 3,
      maxJsonDepth: 20,
      recycleAfterRequests: 1000,
      recycleAboveMemory: Size.mebibytes(1),
      cors: { allowOrigins: ['https://a.example'], allowHeaders: ['X-Tenant'], maxAge: Duration.hours(1) },
    });
    expect(overlay).toMatchObject({ basePath: '/iris', version: '7', config: { threshold: 0.5 } });
    expect(overlay).toMatchObject({ maxBodyBytes: 1_048_576, queueBytes: 1024, queueRequests: 5 });
    expect(overlay).toMatchObject({ workers: 2, concurrency: 3, maxJsonDepth: 20 });
    expect(overlay).toMatchObject({ recycleRequests: 1000, recycleBytes: 1_048_576 });
    expect(overlay.cors).toEqual({
      allowOrigins: ['https://a.example'],
      allowHeaders: ['X-Tenant'],
      maxAgeSeconds: 3600,
    });
  });

  test('is one that the gateway accepts', () => {
    const cors = { allowOrigins: ['*'], maxAge: Duration.seconds(0) };
    const compute = Compute.fargate({ cpu: 4096 });
    const options = { cors, compute, autoWorkers: true, maxJsonDepth: 1, recycleAboveMemory: Size.gibibytes(1) };
    const ajv = new Ajv();
    expect(ajv.validate(OVERLAY_SCHEMA, overlayOf(options)), ajv.errorsText()).toBe(true);
    expect(overlayOf(options).workers).toBe(3);
  });

  test('holds origins that only the deployment knows', () => {
    const stack = stackIn();
    const domain = new CfnParameter(stack, 'Domain').valueAsString;
    apiIn(stack, { cors: { allowOrigins: [`https://${domain}`, 'https://a.example'] } });
    const [container] = only(Template.fromStack(stack), 'AWS::ECS::TaskDefinition').ContainerDefinitions;
    const [before, reference, after] = container.Environment[0].Value['Fn::Join'][1];
    expect(reference).toEqual({ Ref: 'Domain' });
    expect(`${before}DOMAIN${after}`).toContain('"allowOrigins":["https://DOMAIN","https://a.example"]');
  });

  test('holds values that only the deployment knows', () => {
    const stack = stackIn();
    const bucket = Lazy.string({ produce: () => 'models' });
    apiIn(stack, { config: { stack: stack.stackId, bucket } });
    const [container] = only(Template.fromStack(stack), 'AWS::ECS::TaskDefinition').ContainerDefinitions;
    const [before, reference, after] = container.Environment[0].Value['Fn::Join'][1];
    expect(reference).toEqual({ Ref: 'AWS::StackId' });
    expect(`${before}ID${after}`).toContain('"config":{"stack":"ID","bucket":"models"}');
  });
});

describe('roles', () => {
  test('the handler acts as a role without permissions', () => {
    const template = declared();
    const policies = Object.keys(template.findResources('AWS::IAM::Policy'));
    expect(policies.filter((id) => id.includes('TaskRole'))).toEqual([]);
  });

  test('a given role is the one that the handler acts as', () => {
    const stack = stackIn();
    const taskRole = new Role(stack, 'Own', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
    const api = apiIn(stack, { taskRole });
    expect(api.taskRole).toBe(taskRole);
    expect(Object.keys(Template.fromStack(stack).findResources('AWS::IAM::Role')).join()).not.toContain('TaskRole');
  });

  test("the execution role writes to the API's log group and no other", () => {
    const policies = declared().findResources('AWS::IAM::Policy');
    const [execution] = Object.entries(policies)
      .filter(([id]) => id.includes('ExecutionRole'))
      .map(([, policy]) => policy);
    const logs = execution?.Properties.PolicyDocument.Statement.filter((one: { Action: string[] }) =>
      String(one.Action).includes('logs:'),
    );
    expect(logs).toEqual([
      {
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Effect: 'Allow',
        Resource: { 'Fn::GetAtt': [expect.stringMatching(/^ApiLogGroup/), 'Arn'] },
      },
    ]);
  });
});

describe('a given execution role', () => {
  function granted(image: ContainerImage, propsIn: (stack: Stack) => Partial<ServingTaskProps> = () => ({})) {
    const stack = stackIn();
    const executionRole = new Role(stack, 'Own', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
    const logGroup = new LogGroup(stack, 'Logs');
    new ServingTask(stack, 'Task', { image, logGroup, executionRole, ...propsIn(stack) });
    const template = Template.fromStack(stack);
    const [policy] = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([id]) => id.startsWith('Own'));
    const statements = policy?.[1].Properties.PolicyDocument.Statement as { Action: string | string[] }[];
    return { template, actions: statements.flatMap(({ Action }) => Action) };
  }

  test('is the one that starts the task, and gets what that takes', () => {
    const stack = stackIn();
    const image = ContainerImage.fromEcrRepository(Repository.fromRepositoryName(stack, 'Images', 'models'));
    const { template, actions } = granted(image, (own) => ({
      secrets: { TOKEN: Secret.fromSecretsManager(new StoredSecret(own, 'Token')) },
    }));
    expect(only(template, 'AWS::ECS::TaskDefinition').ExecutionRoleArn).toEqual({
      'Fn::GetAtt': [expect.stringMatching(/^Own/), 'Arn'],
    });
    for (const action of ['ecr:GetAuthorizationToken', 'ecr:BatchGetImage', 'logs:PutLogEvents']) {
      expect(actions).toContain(action);
    }
    expect(actions).toContain('secretsmanager:GetSecretValue');
    expect(Object.keys(template.findResources('AWS::IAM::Role')).join()).not.toContain('ExecutionRole');
  });

  test('is waited for with its permissions', () => {
    const stack = stackIn();
    const executionRole = new Role(stack, 'Own', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
    apiIn(stack, { executionRole });
    const [service] = Object.values(Template.fromStack(stack).findResources('AWS::ECS::Service'));
    expect(service?.DependsOn.join(' ')).toMatch(/OwnDefaultPolicy/);
  });
});

describe('API keys', () => {
  /** As `Access` hands them on. */
  function keyed() {
    const stack = stackIn();
    const apiKeys = new StoredSecret(stack, 'Keys');
    const props = { image: ContainerImage.fromRegistry('model'), logGroup: new LogGroup(stack, 'Logs'), apiKeys };
    new ServingTask(stack, 'Task', props);
    return Template.fromStack(stack);
  }

  test('are named to the gateway by their secret, and never told', () => {
    const [{ Environment, Secrets }] = only(keyed(), 'AWS::ECS::TaskDefinition').ContainerDefinitions;
    const [, reference, after] = Environment[0].Value['Fn::Join'][1];
    expect(reference).toEqual({ Ref: expect.stringMatching(/^Keys/) });
    expect(after).toMatch(/^"/);
    expect(JSON.stringify(Environment)).toContain('apiKeysSecret');
    expect(JSON.stringify(Environment)).not.toContain('resolve:secretsmanager');
    expect(Secrets).toBeUndefined();
  });

  test('may be read by the role of the task, and by no other', () => {
    const policies = Object.entries(keyed().findResources('AWS::IAM::Policy'));
    const readers = policies.filter(([, policy]) => JSON.stringify(policy).includes('secretsmanager:GetSecretValue'));
    expect(readers.map(([id]) => id)).toEqual([expect.stringMatching(/^TaskDefinitionTaskRole/)]);
  });
});

describe('by itself', () => {
  const taskIn = (stack: Stack, props: Partial<ServingTaskProps>) => {
    const image = ContainerImage.fromRegistry('registry.example/model');
    return new ServingTask(stack, 'Task', { image, logGroup: new LogGroup(stack, 'Logs'), ...props });
  };

  test('a task is named after its stack and path', () => {
    const stack = stackIn();
    taskIn(stack, {});
    const [container] = only(Template.fromStack(stack), 'AWS::ECS::TaskDefinition').ContainerDefinitions;
    expect(JSON.parse(container.Environment[0].Value).name).toMatch(/^Stack-Task-/);
  });

  test('a task knows its workers, where it was said how many', () => {
    expect(taskIn(stackIn(), {}).workers).toBeUndefined();
    expect(taskIn(stackIn(), { workers: 2 }).workers).toBe(2);
    expect(taskIn(stackIn(), { autoWorkers: true }).workers).toBe(1);
    // On GPUs there is one for each, however many CPUs they come with.
    const instanceType = new InstanceType('g5.12xlarge');
    for (const gpus of [1, 2]) {
      const compute = Compute.gpu({ instanceType, gpus });
      expect(taskIn(stackIn(), { autoWorkers: true, compute }).workers).toBe(gpus);
    }
  });

  test('a task is judged as an API is', () => {
    expect(() => taskIn(stackIn(), { workers: 0 })).toThrow(
      '[Stack/Task] workers must be an integer of at least 1 (got 0)',
    );
  });
});

describe('contradictions', () => {
  test.each<[string, Partial<ModelApiProps>, string]>([
    [
      'automatic workers on a machine that only the deployment knows',
      {
        autoWorkers: true,
        compute: Compute.fargate({ cpu: Lazy.number({ produce: () => 1024 }), memory: Size.gibibytes(2) }),
      },
      '[Stack/Api/Task] autoWorkers needs the cpu of compute known at synth: the scaling target follows it. Give workers instead',
    ],
    [
      'a limit that no worker lives to reach',
      { recycleAboveMemory: Size.gibibytes(2) },
      '[Stack/Api/Task] recycleAboveMemory (2048 MiB) must be below the memory of a replica (2048 MiB), or a worker is killed before it is replaced: give a lower one, or compute more memory',
    ],
    [
      'a name that is both environment and secret',
      { environment: { KEY: 'a' }, secrets: { KEY: {} as Secret } },
      '[Stack/Api/Task] environment and secrets both have "KEY": leave one out',
    ],
    [
      'the variable of the overlay',
      { environment: { MODEL_API_CONFIG: '{}' } },
      "[Stack/Api/Task] MODEL_API_CONFIG is written from the API's props: use those, and config for what the handler needs",
    ],
    [
      "a variable of the gateway's own",
      { secrets: { MODEL_API_PYTHON: {} as Secret } },
      "[Stack/Api/Task] MODEL_API_PYTHON begins with MODEL_API_, as the gateway's own variables do: give it another name, or use config for what the handler needs",
    ],
  ])('%s is refused', (_, props, message) => {
    expect(() => declared(props)).toThrow(message);
  });
});
