/** The declarations that are judged as wholes: by snapshots, by cdk-nag, by the template validator, under every flag. */
import { type App, Duration, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, Secret } from 'aws-cdk-lib/aws-ecs';
import { ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Compute, ModelPlatform, Monitoring, Scaling } from 'cdk-model-api';
import IrisStack from '../../examples/iris/stack';
import * as access from './access-variants';
import { apiIn, ENV, publicAccess, stackIn } from './declaration';

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
  apiIn(stack, {
    compute: Compute.fargate({ spotShare: 0.7, onDemandBase: 1, cpu: 512 }),
    scaling: Scaling.onConcurrency({ minReplicas: 2 }),
    monitoring: Monitoring.standard({ topic, slo: { availability: 99.9, latency: Duration.seconds(1) } }),
    environment: { MODE: 'fast' },
    secrets: { HUB_TOKEN: Secret.fromSsmParameter(token) },
    config: { stack: stack.stackId },
    requestTimeout: Duration.seconds(90),
    removalPolicy: RemovalPolicy.DESTROY,
  });
  return [stack];
};

const anywhere: Variant = (app) => {
  const stack = stackIn(app, 'Anywhere', {});
  apiIn(stack);
  return [stack];
};

export const VARIANTS = { example, publicApi, givenParts, sharedPlatform, everyOption, anywhere, ...access } as const;
