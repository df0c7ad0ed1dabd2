/** The rules as a pack: what stops a synthesis, how a finding is acknowledged, what the report says, whom it judges. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type App, Duration, NestedStack, Stack, Stage, Validations } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { CfnService, CfnTaskDefinition, ContainerImage, LogDriver } from 'aws-cdk-lib/aws-ecs';
import {
  ApplicationLoadBalancer,
  CfnListener,
  CfnLoadBalancer,
  CfnTargetGroup,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Access, Auth, ModelHandler, ModelPlatform, ModelServingChecks, Monitoring, Scaling } from 'cdk-model-api';
import { describe, expect, test } from 'vitest';
import { findingsOf, testApp } from '../assembly';
import { certificateIn, ENV, publicAccess, stackIn } from '../declaration';
import { WHOLE_APPS } from '../whole-apps';
import { checkedApp, found, foundIn, foundInForeign, giveGpu, ours, silence } from './checked';
import { type Foreign, foreignIn, vpcIn } from './foreign';

const UNSCALED = 'warning NoMaximum Stack/Service/Service';
const SINGLE = 'warning SingleReplica Stack/Service/Service';

describe('an acknowledgement', () => {
  const reason = 'A demonstration, for one of us.';
  const unscaled = (acknowledge: (foreign: Foreign) => void) => foundInForeign({ maxCapacity: undefined }, acknowledge);

  test.each(['ModelServing-NoMaximum', 'ModelServing::ModelServing-NoMaximum'])('of %s counts', (id) => {
    const rule = { id, reason };
    expect(unscaled(({ service }) => Validations.of(service).acknowledge(rule))).toEqual([SINGLE]);
    expect(unscaled(({ service }) => Validations.of(service.stack).acknowledge(rule))).toEqual([SINGLE]);
    expect(unscaled(({ service }) => Validations.of(service.node.root).acknowledge(rule))).toEqual([SINGLE]);
  });

  test('counts for what it stands on and what is below, and for that rule', () => {
    const rule = { id: 'ModelServing-NoMaximum', reason };
    expect(unscaled(({ loadBalancer }) => Validations.of(loadBalancer).acknowledge(rule))).toEqual([UNSCALED, SINGLE]);
    const other = { id: 'ModelServing-NoMax', reason };
    expect(unscaled(({ service }) => Validations.of(service).acknowledge(other))).toEqual([UNSCALED, SINGLE]);
  });

  test('on an API covers all that it consists of', () => {
    const everybodys = (stack: Stack) => {
      const api = ours(stack, { access: publicAccess(stack) });
      Validations.of(api).acknowledge({ id: 'ModelServing-PublicWithoutAuth', reason });
    };
    expect(found(everybodys)).toEqual([]);
  });

  test('covers what is not judged too', () => {
    const image = 'registry.example/server';
    const open = { id: 'ModelServing-MutableTag', reason };
    expect(
      found((stack) => {
        const { taskDefinition } = foreignIn(stack);
        (taskDefinition.node.defaultChild as CfnTaskDefinition).addPropertyOverride('ContainerDefinitions.0.Image', {
          'Fn::Sub': `${image}:\${Tag}`,
        });
        Validations.of(taskDefinition).acknowledge(open);
      }),
    ).toEqual([]);
  });

  test('with the name of the pack is in the report, with its reason', () => {
    const app = checkedApp();
    const stack = stackIn(app);
    const { service } = foreignIn(stack, { maxCapacity: undefined });
    Validations.of(service).acknowledge({ id: 'ModelServing::ModelServing-NoMaximum', reason });
    foundIn(stack);
    const { pluginReports } = JSON.parse(readFileSync(join(app.outdir, 'validation-report.json'), 'utf8'));
    expect(pluginReports[0].suppressedViolations).toMatchObject([
      { ruleName: 'ModelServing-NoMaximum', reason, acknowledgedAt: 'Stack/Service' },
    ]);
  });
});

describe('a synthesis', () => {
  test('goes on with warnings and with what is not judged', () => {
    const app = checkedApp();
    foreignIn(stackIn(app), { maxCapacity: undefined });
    expect(() => app.synth()).not.toThrow();
  });

  test('stops at an error, and says what, why, where and what to do', () => {
    const app = checkedApp();
    brokenInForeign(stackIn(app, 'Theirs'));
    brokenInOurs(stackIn(app, 'Ours'));
    expect(messageOf(app)).toMatchSnapshot();
  });
});

function brokenInForeign(stack: Stack): void {
  const { taskDefinition } = foreignIn(stack, {
    maxCapacity: undefined,
    isWatched: false,
    internetFacing: true,
    container: { image: ContainerImage.fromRegistry('server'), logging: LogDriver.awsLogs({ streamPrefix: 'server' }) },
    service: { healthCheckGracePeriod: undefined, circuitBreaker: undefined },
  });
  giveGpu(taskDefinition);
}

function brokenInOurs(stack: Stack): void {
  const vpc = vpcIn(stack);
  const loadBalancer = new ApplicationLoadBalancer(stack, 'Balancer', { vpc, internetFacing: true });
  const api = ours(stack, {
    platform: new ModelPlatform(stack, 'Platform', { vpc, loadBalancer }),
    access: publicAccess(stack),
    requestTimeout: Duration.minutes(1),
    handler: ModelHandler.fromEcr(Repository.fromRepositoryName(stack, 'Repository', 'model'), 'v7'),
    warmUp: false,
    scaling: Scaling.onCpu({ maxReplicas: 1 }),
    monitoring: Monitoring.none(),
    logRetention: RetentionDays.INFINITE,
  });
  giveGpu(api.taskDefinition);
  const service = api.service.node.defaultChild as CfnService;
  service.healthCheckGracePeriodSeconds = 60;
  service.addPropertyOverride('DeploymentConfiguration.DeploymentCircuitBreaker.Rollback', false);
}

function messageOf(app: App): string {
  try {
    app.synth();
  } catch (error) {
    const { message } = error as Error;
    // The lines of sources, and the folder of the assembly, are others tomorrow.
    return message.replace(/^\S+\.ts:[\d:]+\n/gm, '').replace(/(?<=found in: ).*/, '…');
  }
  throw new Error('nothing was found');
}

describe('whom it judges', () => {
  const openTo = (stack: Stack, platform: ModelPlatform) =>
    ours(stack, { platform, access: Access.public({ auth: Auth.none() }), path: '/a' });
  const publicPlatform = (stack: Stack) => {
    const platform = new ModelPlatform(stack, 'Platform', { certificate: certificateIn(stack) });
    ours(stack, { platform, access: Access.public({ auth: Auth.none() }), path: '/b' });
    return platform;
  };

  test('is the app, where nothing is said', () => {
    silence();
    const app = testApp();
    Validations.of(app).addPlugins(new ModelServingChecks());
    foreignIn(stackIn(app), { maxCapacity: 1 });
    expect(findingsOf(app)).toEqual(['warning ModelServing-SingleReplica Stack/Service/TaskCount/Target/Resource']);
  });

  test('is a part of the app, by all that the app says of it', () => {
    silence();
    const app = testApp();
    const platform = publicPlatform(stackIn(app, 'Shared'));
    const stack = stackIn(app);
    openTo(stack, platform);
    Validations.of(app).addPlugins(new ModelServingChecks(stack));
    expect(findingsOf(app)).toEqual(['error ModelServing-PublicWithoutAuth Stack/Api/Target/Rule/Resource']);
  });

  test('is a stage', () => {
    silence();
    const app = testApp();
    const [checked, unchecked] = ['Checked', 'Unchecked'].map((id) => new Stage(app, id, { env: ENV }));
    for (const stage of [checked, unchecked]) foreignIn(new Stack(stage as Stage, 'Stack'), { maxCapacity: 1 });
    Validations.of(checked as Stage).addPlugins(new ModelServingChecks(checked));
    expect(findingsOf(app)).toEqual([
      'warning ModelServing-SingleReplica Checked/Stack/Service/TaskCount/Target/Resource',
    ]);
  });

  test('are services of the plainest constructs, in nested stacks too', () => {
    const findings = found((stack) => {
      const balancer = new CfnLoadBalancer(stack, 'Balancer', { subnets: ['subnet-0123456789abcdef0'] });
      const group = new CfnTargetGroup(stack, 'Group', { port: 80, protocol: 'HTTP', vpcId: 'vpc-0123456789abcdef0' });
      const defaultActions = [{ type: 'forward', forwardConfig: { targetGroups: [{ targetGroupArn: group.ref }] } }];
      new CfnListener(stack, 'Listener', { loadBalancerArn: balancer.ref, port: 80, protocol: 'HTTP', defaultActions });
      const within = new NestedStack(stack, 'Within');
      const containerDefinitions = [{ name: 'server', image: 'server' }];
      const taskDefinition = new CfnTaskDefinition(within, 'Task', { containerDefinitions });
      new CfnService(within, 'Service', {
        taskDefinition: taskDefinition.ref,
        loadBalancers: [{ targetGroupArn: group.ref, containerName: 'server', containerPort: 80 }],
      });
    });
    expect(findings).toEqual([
      'error MutableTag Stack/Within/Task',
      'error NoLoadGrace Stack/Within/Service',
      'error PublicWithoutAuth Stack/Listener',
      'warning NoAlarms Stack/Within/Service',
      'warning NoMaximum Stack/Within/Service',
      'warning NoRollback Stack/Within/Service',
      'warning SingleReplica Stack/Within/Service',
    ]);
  });

  test('hears once of what two services share', () => {
    const findings = found((stack) => {
      const { taskDefinition } = foreignIn(stack);
      const image = 'ContainerDefinitions.0.Image';
      (taskDefinition.node.defaultChild as CfnTaskDefinition).addPropertyOverride(image, 'server');
      new CfnService(stack, 'Other', { taskDefinition: taskDefinition.taskDefinitionArn, desiredCount: 2 });
    });
    expect(findings.filter((finding) => finding.includes('MutableTag'))).toEqual([
      'error MutableTag Stack/Task/Resource',
    ]);
  });
});

/** What the declarations of this repository leave open on purpose. Their images are no subject, and many have no tag. */
const SAID: Record<string, string[]> = {
  publicApi: ['error PublicWithoutAuth Public/Api/Target/Rule/Resource'],
  byHost: ['a', 'b'].map((name) => `error PublicWithoutAuth ByHost-${name}/Api/Target/Rule/Resource`),
  // Their images are from elsewhere, and may have samples.
  gpu: ['info GpuWithoutWarmUp Gpu/Api/Task/Definition/Resource'],
  managedInImported: ['info GpuWithoutWarmUp ManagedInImported/Api/Task/Definition/Resource'],
  managedInstances: ['a', 'b'].map((name) => `info GpuWithoutWarmUp Managed-${name}/Api/Task/Definition/Resource`),
  'examples/existing-vpc-and-alb': [
    'info DeadlineAboveIdleTimeout Example/Iris/Service/Service',
    'info PublicWithoutAuth Example/Iris/Target/Rule/Resource',
  ],
};

test.each(WHOLE_APPS)('%s has nothing but what it says', (name, declare) => {
  // Whether a GPU is warm is judged by the samples in an image that was built.
  const app = checkedApp({ isBuilt: /^examples.*gpu/.test(name) });
  declare(app);
  const findings = foundIn(app).filter((finding) => !finding.includes('MutableTag'));
  expect(findings).toEqual(SAID[name] ?? []);
});

test('every rule has a row on its page, with its level', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../docs/checks.md'), 'utf8');
  const rows = [...page.matchAll(/^\| `(ModelServing-\w+)` \| (error|warning) \|/gm)].map(([, id]) => id);
  expect(rows).toEqual(new ModelServingChecks().ruleIds);
});
