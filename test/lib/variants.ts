/** The declarations that are judged as wholes: by snapshots, by cdk-nag, by the template validator, under every flag. */
import { type App, Duration, RemovalPolicy, Size, type Stack, TimeZone } from 'aws-cdk-lib';
import { Schedule } from 'aws-cdk-lib/aws-applicationautoscaling';
import { Peer, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, Secret } from 'aws-cdk-lib/aws-ecs';
import { FileSystem } from 'aws-cdk-lib/aws-efs';
import { ApplicationLoadBalancer, ApplicationProtocol, ListenerAction } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Access, Auth, Compute, ModelPlatform, Monitoring, Rollout, Scaling, ServingVolume } from 'cdk-model-api';
import IrisStack from '../../examples/iris/stack';
import * as access from './access-variants';
import * as compute from './compute-variants';
import { apiIn, ENV, keysIn, publicAccess, sampled, stackIn } from './declaration';
import * as managed from './managed-variants';

/** Adds its stacks to the app, and answers those that hold something of ours. */
export type Variant = (app: App) => Stack[];

const example: Variant = (app) => [new IrisStack(app, 'Iris', { env: ENV })];

const publicApi: Variant = (app) => {
  const stack = stackIn(app, 'Public');
  apiIn(stack, { access: publicAccess(stack) });
  return [stack];
};

/** Somebody else's VPC, cluster and load balancer in one stack, our API in another. */
const givenParts: Variant = (app) => {
  const theirs = stackIn(app, 'Theirs');
  const vpc = new Vpc(theirs, 'Vpc');
  const cluster = new Cluster(theirs, 'Cluster', { vpc, enableFargateCapacityProviders: true });
  const loadBalancer = new ApplicationLoadBalancer(theirs, 'Balancer', { vpc });
  const ours = stackIn(app, 'Ours');
  const platform = new ModelPlatform(ours, 'Platform', { cluster, loadBalancer });
  apiIn(ours, { platform, path: '/iris' });
  return [ours];
};

const sharedPlatform: Variant = (app) => {
  const shared = stackIn(app, 'Shared');
  const platform = new ModelPlatform(shared, 'Platform');
  const apis = ['a', 'b'].map((name) => {
    const stack = stackIn(app, `Api-${name}`);
    apiIn(stack, { platform, path: `/${name}` });
    return stack;
  });
  return [shared, ...apis];
};

/** Every choice that adds or changes a resource. */
const everyOption: Variant = (app) => {
  const stack = stackIn(app, 'Everything');
  const topic = Topic.fromTopicArn(stack, 'Topic', `arn:aws:sns:${ENV.region}:${ENV.account}:alarms`);
  const token = StringParameter.fromSecureStringParameterAttributes(stack, 'Token', { parameterName: 'token' });
  const replicas = SecurityGroup.fromSecurityGroupId(stack, 'Replicas', 'sg-0123456789abcdef0');
  const securityGroup = SecurityGroup.fromSecurityGroupId(stack, 'FilesGroup', 'sg-0123456789abcdef1');
  const files = { fileSystemId: 'fs-0123456789abcdef0', securityGroup };
  const fileSystem = FileSystem.fromFileSystemAttributes(stack, 'Files', files);
  const disk = Size.gibibytes(50);
  apiIn(stack, {
    compute: Compute.fargate({ spotShare: 0.7, onDemandBase: 1, cpu: 512, ephemeralStorage: disk }),
    scaling: Scaling.onConcurrency({
      minReplicas: 2,
      schedules: [
        { schedule: Schedule.cron({ hour: '7', minute: '0' }), minReplicas: 3, timeZone: TimeZone.EUROPE_PARIS },
      ],
    }),
    rollout: Rollout.rolling({ minHealthyPercent: 50, maxHealthyPercent: 150, rollbackErrorPercent: 1 }),
    volumes: [ServingVolume.efs({ fileSystem, path: '/mnt/models' })],
    extraContainers: { collector: { image: ContainerImage.fromRegistry('registry.example/collector') } },
    scrapers: [Peer.ipv4('10.1.0.0/16')],
    securityGroups: [replicas],
    monitoring: Monitoring.standard({ topic, slo: { availabilityPercent: 99.9, latency: Duration.seconds(1) } }),
    environment: { MODE: 'fast' },
    secrets: { HUB_TOKEN: Secret.fromSsmParameter(token) },
    config: { stack: stack.stackId },
    requestTimeout: Duration.seconds(90),
    removalPolicy: RemovalPolicy.DESTROY,
  });
  return [stack];
};

/** Versions that take turns: one API of a shared platform with keys, another with a listener to try a version at. */
const takingTurns: Variant = (app) => {
  const shared = stackIn(app, 'Turns');
  const platform = new ModelPlatform(shared, 'Platform');
  const canary = stackIn(app, 'Turns-canary');
  const auth = Auth.apiKeys(keysIn(canary));
  apiIn(canary, {
    platform,
    path: '/canary',
    access: Access.internal({ auth }),
    handler: sampled,
    rollout: Rollout.canary(),
  });
  const theirs = stackIn(app, 'Turns-theirs');
  const loadBalancer = new ApplicationLoadBalancer(theirs, 'Balancer', { vpc: new Vpc(theirs, 'Vpc') });
  const linear = stackIn(app, 'Turns-linear');
  const defaultAction = ListenerAction.fixedResponse(404);
  const listener = loadBalancer.addListener('Test', {
    port: 8443,
    protocol: ApplicationProtocol.HTTP,
    open: false,
    defaultAction,
  });
  apiIn(linear, {
    platform: new ModelPlatform(linear, 'Platform', { loadBalancer }),
    handler: sampled,
    rollout: Rollout.linear({ testListener: { listener }, check: { maxLatencyP50: Duration.seconds(1) } }),
  });
  return [shared, canary, linear];
};

const anywhere: Variant = (app) => {
  const stack = stackIn(app, 'Anywhere', {});
  apiIn(stack);
  return [stack];
};

export const VARIANTS = {
  example,
  publicApi,
  givenParts,
  sharedPlatform,
  everyOption,
  takingTurns,
  anywhere,
  ...access,
  ...compute,
  ...managed,
} as const;
