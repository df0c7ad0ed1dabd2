/**
 * A way into the network for one prediction: a function in the VPC that posts straight to a ready replica. It works
 * behind any load balancer and authentication, and whoever may invoke it may predict.
 */
import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import { type IVpc, Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { BaseService } from 'aws-cdk-lib/aws-ecs';
import type { IApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { SERVING_DEFAULTS } from '../../runtime/contract/manifest';
import { PROBE_VARIABLES, type ProbeSample } from '../../runtime/contract/probe';
import type { Timing } from '../../runtime/contract/timing';
import type { ModelPlatform } from '../model-platform';
import { acknowledge } from '../private/acknowledge';
import { withProbeCode } from '../private/probe-code';
import { readingOf } from '../private/secret-access';

export interface ProbeProps {
  readonly platform: ModelPlatform;
  readonly service: BaseService;
  readonly targetGroup: IApplicationTargetGroup;
  readonly basePath: string;
  readonly timing: Timing;
  readonly samples: readonly ProbeSample[];
  /** The keys of which the function uses one. */
  readonly apiKeys?: ISecret;
  readonly logRetention: RetentionDays;
  readonly removalPolicy: RemovalPolicy;
}

/** A function may run for 15 minutes. */
const FUNCTION_TIMEOUT_LIMIT = 900;

/** What a function needs to have an address in a VPC. */
const NETWORK_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

/** The probe function of an API. */
export class Probe extends Construct {
  public readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: ProbeProps) {
    super(scope, id);
    const { platform, service, samples, logRetention: retention, removalPolicy } = props;
    const logGroup = new LogGroup(this, 'LogGroup', { retention, removalPolicy });
    const surroundings = {
      logGroup,
      role: this.defineRole(logGroup, props.apiKeys),
      vpc: platform.vpc,
      vpcSubnets: platform.vpcSubnets,
      securityGroups: [this.defineSecurityGroup(platform.vpc)],
      environment: environmentOf(props),
      timeout: Duration.seconds(Math.min(FUNCTION_TIMEOUT_LIMIT, props.timing.requestTimeout + 30)),
    };
    this.function = withProbeCode(
      this,
      samples,
      (code) =>
        new LambdaFunction(this, 'Function', {
          ...surroundings,
          code,
          runtime: Runtime.NODEJS_24_X,
          handler: 'index.handler',
          description: 'Posts a body, or the samples, to a ready replica of a model API',
        }),
    );
    // From the function's side: a security group of replicas that another stack defines must not name one of this stack.
    this.function.connections.allowTo(service, Port.tcp(SERVING_DEFAULTS.port), 'Probe');
  }

  private defineRole(logGroup: LogGroup, apiKeys?: ISecret): Role {
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    for (const reading of apiKeys ? readingOf(this, apiKeys) : []) role.addToPolicy(new PolicyStatement(reading));
    role.addToPolicy(
      new PolicyStatement({
        actions: ['elasticloadbalancing:DescribeTargetHealth', ...NETWORK_ACTIONS],
        resources: ['*'],
      }),
    );
    acknowledge(
      role,
      'IAM5[Resource::*]',
      'elasticloadbalancing:DescribeTargetHealth and the network interfaces of a function cannot be limited to a resource.',
    );
    return role;
  }

  private defineSecurityGroup(vpc: IVpc): SecurityGroup {
    const description = 'Probe of a model API';
    const securityGroup = new SecurityGroup(this, 'SecurityGroup', { vpc, description, allowAllOutbound: false });
    securityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'APIs of AWS');
    return securityGroup;
  }
}

function environmentOf({ targetGroup, basePath, timing, apiKeys }: ProbeProps): { [name: string]: string } {
  return {
    [PROBE_VARIABLES.targetGroupArn]: targetGroup.targetGroupArn,
    [PROBE_VARIABLES.basePath]: basePath,
    // The replica answers 504 at its deadline; waiting a little longer lets the caller see that answer.
    [PROBE_VARIABLES.timeoutMs]: String((timing.requestTimeout + 5) * 1000),
    ...(apiKeys && { [PROBE_VARIABLES.apiKeysSecret]: apiKeys.secretArn }),
  };
}
