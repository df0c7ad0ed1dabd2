/**
 * A function in the VPC that talks straight to replicas: what the probe and the judge of new versions have in common. It
 * has a log, a role, a security group and the code with the samples of the model directory.
 */
import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import { type IVpc, Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { BaseService } from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { PROBE_VARIABLES, type ProbeSample } from '../../runtime/contract/probe';
import type { Timing } from '../../runtime/contract/timing';
import type { ModelPlatform } from '../model-platform';
import { acknowledge } from '../private/acknowledge';
import { withProbeCode } from '../private/probe-code';
import { readingOf } from '../private/secret-access';
import type { ServingTarget } from './target';

/** Whom it asks, and how. */
export interface ProbedApi {
  readonly platform: ModelPlatform;
  readonly service: BaseService;
  readonly target: ServingTarget;
  readonly basePath: string;
  readonly timing: Timing;
  readonly samples: readonly ProbeSample[];
  /** The keys of which the function uses one. */
  readonly apiKeys?: ISecret;
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
}

/** What it is asked to do. */
export interface ProbeTask {
  readonly handler: string;
  readonly description: string;
  readonly environment?: { readonly [name: string]: string };
  /** In MiB; processor time comes with it. */
  readonly memory: number;
  /** In seconds, of which a function has 900 at most. */
  readonly timeout: number;
}

/** A function may run for 15 minutes. */
export const FUNCTION_TIMEOUT_LIMIT = 900;

/** What a function needs to have an address in a VPC. */
const NETWORK_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

/** Defines the function, and nothing yet that lets it reach a replica. */
export function defineProbeFunction(scope: Construct, api: ProbedApi, task: ProbeTask): LambdaFunction {
  const { platform, samples, logRetention: retention, removalPolicy } = api;
  const logGroup = new LogGroup(scope, 'LogGroup', { retention, removalPolicy });
  const surroundings = {
    logGroup,
    role: defineRole(scope, logGroup, api),
    vpc: platform.vpc,
    vpcSubnets: platform.vpcSubnets,
    securityGroups: [defineSecurityGroup(scope, platform.vpc)],
    environment: { ...environmentOf(api), ...task.environment },
    timeout: Duration.seconds(Math.min(FUNCTION_TIMEOUT_LIMIT, task.timeout)),
    memorySize: task.memory,
    handler: task.handler,
    description: task.description,
  };
  return withProbeCode(
    scope,
    samples,
    (code) => new LambdaFunction(scope, 'Function', { ...surroundings, code, runtime: Runtime.NODEJS_24_X }),
  );
}

function defineRole(scope: Construct, logGroup: LogGroup, { apiKeys, target }: ProbedApi): Role {
  const role = new Role(scope, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  logGroup.grantWrite(role);
  for (const reading of apiKeys ? readingOf(scope, apiKeys) : []) role.addToPolicy(new PolicyStatement(reading));
  const looking = ['elasticloadbalancing:DescribeTargetHealth'];
  if (target.alternateTargetGroup) looking.push('elasticloadbalancing:DescribeRules');
  role.addToPolicy(new PolicyStatement({ actions: [...looking, ...NETWORK_ACTIONS], resources: ['*'] }));
  acknowledge(
    role,
    'IAM5[Resource::*]',
    'What describes a load balancer, and the network interfaces of a function, cannot be limited to a resource.',
  );
  return role;
}

function defineSecurityGroup(scope: Construct, vpc: IVpc): SecurityGroup {
  const description = 'Probe of a model API';
  const securityGroup = new SecurityGroup(scope, 'SecurityGroup', { vpc, description, allowAllOutbound: false });
  securityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'APIs of AWS');
  return securityGroup;
}

function environmentOf({ target, basePath, timing, apiKeys }: ProbedApi): { [name: string]: string } {
  const { targetGroup, alternateTargetGroup, rule } = target;
  return {
    [PROBE_VARIABLES.targetGroupArn]: targetGroup.targetGroupArn,
    ...(alternateTargetGroup && {
      [PROBE_VARIABLES.alternateTargetGroupArn]: alternateTargetGroup.targetGroupArn,
      [PROBE_VARIABLES.listenerRuleArn]: rule.listenerRuleArn,
    }),
    [PROBE_VARIABLES.basePath]: basePath,
    // The replica answers 504 at its deadline; waiting a little longer lets the caller see that answer.
    [PROBE_VARIABLES.timeoutMs]: String((timing.requestTimeout + 5) * 1000),
    ...(apiKeys && { [PROBE_VARIABLES.apiKeysSecret]: apiKeys.secretArn }),
  };
}
