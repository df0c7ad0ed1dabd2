/** For each prop of `ModelApiProps` an edit of it, and what that edit may cost. */
import { Duration, RemovalPolicy, Size, type Stack } from 'aws-cdk-lib';
import { Peer, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { ContainerImage, Secret as EcsSecret } from 'aws-cdk-lib/aws-ecs';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import {
  Access,
  Compute,
  type CorsOptions,
  type ModelApiProps,
  ModelHandler,
  ModelPlatform,
  Monitoring,
  Rollout,
  Scaling,
} from '../../../lib';
import { apiIn } from '../declaration';
import { type Change, type Declare, ofApi, type Reasons } from './change';

const OTHER_IMAGE = ModelHandler.fromImage(ContainerImage.fromRegistry('registry.example/model:2'));

const GIVEN_GROUP = 'replicas get the given security groups, and the one that was defined for them goes';

/** Nothing of a network can move to another one. */
const OTHER_NETWORK: Reasons = {
  '*': 'the API moves into the network of the platform, and the one that was defined for it alone goes',
};

const OWN_ROLE_GOES: Reasons = {
  'takes away AWS::IAM::Role': 'the given role takes the place of the one that was defined, from the next revision on',
};

const joinsPlatform: Change = {
  before: besidePlatform(() => ({})),
  after: besidePlatform((platform) => ({ platform })),
  replaces: OTHER_NETWORK,
};

function besidePlatform(props: (platform: ModelPlatform) => Partial<ModelApiProps>): Declare {
  return (stack) => void apiIn(stack, props(new ModelPlatform(stack, 'Shared')));
}

const PAGES = { allowOrigins: ['https://app.example.com'] };

const cors = (options: Partial<CorsOptions>) =>
  ofApi(
    () => ({ cors: { ...PAGES, ...options } }),
    () => ({ cors: PAGES }),
  );

export const API_PROPS: Record<string, Change> = {
  'ModelApiProps.handler': ofApi(() => ({ handler: OTHER_IMAGE })),
  'ModelApiProps.access': ofApi(() => ({ access: Access.internal({ allowFrom: [Peer.ipv4('10.9.0.0/16')] }) })),
  'ModelApiProps.platform': joinsPlatform,
  'ModelApiProps.compute': ofApi(() => ({ compute: Compute.fargate({ cpu: 2048 }) })),
  'ModelApiProps.scaling': ofApi(() => ({ scaling: Scaling.onConcurrency({ minReplicas: 2 }) })),
  'ModelApiProps.rollout': ofApi(() => ({ rollout: Rollout.rolling({ maxHealthyPercent: 150 }) })),
  'ModelApiProps.monitoring': ofApi(() => ({
    monitoring: Monitoring.standard({ slo: { availabilityPercent: 99.9 } }),
  })),
  'ModelApiProps.host': ofApi(() => ({ host: 'iris.example' })),
  'ModelApiProps.priority': ofApi(() => ({ priority: 7 })),
  'ModelApiProps.scrapers': ofApi(() => ({ scrapers: [Peer.ipv4('10.0.9.0/24')] })),
  'ModelApiProps.vpcSubnets': {
    before: besidePlatform((platform) => ({ platform })),
    after: besidePlatform((platform) => ({
      platform,
      vpcSubnets: { subnets: platform.vpc.privateSubnets.slice(0, 1) },
    })),
    replaces: {},
  },
  'ModelApiProps.securityGroups': ofApi(
    (stack) => ({ securityGroups: [new SecurityGroup(stack, 'Given', { vpc: new Vpc(stack, 'Vpc') })] }),
    undefined,
    { 'takes away AWS::EC2::SecurityGroup': GIVEN_GROUP },
  ),
  'ModelApiProps.extraContainers': ofApi(() => ({
    extraContainers: { proxy: { image: ContainerImage.fromRegistry('registry.example/proxy'), memoryLimitMiB: 64 } },
  })),
  'ModelApiProps.environment': ofApi(() => ({ environment: { MODE: 'fast' } })),
  'ModelApiProps.secrets': ofApi((stack) => ({
    secrets: { TOKEN: EcsSecret.fromSecretsManager(Secret.fromSecretNameV2(stack, 'Token', 'token')) },
  })),
  'ModelApiProps.taskRole': ofApi((stack) => ({ taskRole: roleIn(stack) }), undefined, OWN_ROLE_GOES),
  'ModelApiProps.executionRole': ofApi((stack) => ({ executionRole: roleIn(stack) }), undefined, OWN_ROLE_GOES),
  'ModelApiProps.logRetention': ofApi(() => ({ logRetention: RetentionDays.ONE_YEAR })),
  'ModelApiProps.removalPolicy': ofApi(() => ({ removalPolicy: RemovalPolicy.DESTROY })),

  'ServingOptions.path': ofApi(() => ({ path: '/iris' })),
  'ServingOptions.apiName': ofApi(() => ({ apiName: 'iris' })),
  'ServingOptions.version': ofApi(() => ({ version: '2' })),
  'ServingOptions.config': ofApi(() => ({ config: { threshold: 0.5 } })),
  'ServingOptions.requestTimeout': ofApi(() => ({ requestTimeout: Duration.seconds(90) })),
  'ServingOptions.loadTimeout': ofApi(() => ({ loadTimeout: Duration.minutes(20) })),
  'ServingOptions.warmUp': ofApi(() => ({ warmUp: false })),
  'ServingOptions.maxRequestSize': ofApi(() => ({ maxRequestSize: Size.mebibytes(50) })),
  'ServingOptions.maxJsonDepth': ofApi(() => ({ maxJsonDepth: 500 })),
  'ServingOptions.cors': ofApi(() => ({ cors: PAGES })),
  'ServingOptions.workers': ofApi(() => ({ workers: 2 })),
  'ServingOptions.autoWorkers': ofApi(
    () => ({ autoWorkers: true, compute: Compute.fargate({ cpu: 4096 }) }),
    () => ({ compute: Compute.fargate({ cpu: 4096 }) }),
  ),
  'ServingOptions.concurrency': ofApi(() => ({ concurrency: 4 })),
  'ServingOptions.queueRequests': ofApi(() => ({ queueRequests: 10 })),
  'ServingOptions.queueSize': ofApi(() => ({ queueSize: Size.mebibytes(8) })),
  'ServingOptions.recycleAfterRequests': ofApi(() => ({ recycleAfterRequests: 10_000 })),
  'ServingOptions.recycleAboveMemory': ofApi(() => ({ recycleAboveMemory: Size.gibibytes(1) })),

  'CorsOptions.allowOrigins': cors({ allowOrigins: ['*'] }),
  'CorsOptions.allowHeaders': cors({ allowHeaders: ['X-Tenant'] }),
  'CorsOptions.maxAge': cors({ maxAge: Duration.hours(1) }),
};

function roleIn(stack: Stack): Role {
  return new Role(stack, 'Given', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com') });
}
