/**
 * The function that judges a new version: Amazon ECS calls it when the new replicas run and no caller has met them, and
 * takes the deployment back when it says so. It is there before the service, whose first deployment calls it too.
 */
import { Annotations, Stack } from 'aws-cdk-lib';
import { CfnSecurityGroupIngress, Port } from 'aws-cdk-lib/aws-ec2';
import { type BaseService, DeploymentLifecycleStage } from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { SERVING_DEFAULTS } from '../../runtime/contract/manifest';
import { PROBE_VARIABLES, type RolloutCheckSettings } from '../../runtime/contract/probe';
import { acknowledge, everyArn } from '../private/acknowledge';
import { Check } from '../private/check';
import type { RolloutCheck as Judged } from '../rollout/binding';
import { defineProbeFunction, FUNCTION_TIMEOUT_LIMIT, type ProbedApi } from './probe-function';

export interface RolloutCheckProps extends ProbedApi {
  readonly check: Judged;
}

/** What it may read of Amazon ECS. */
const LOOKS = {
  'ecs:DescribeServiceDeployments': 'service-deployment',
  'ecs:DescribeServiceRevisions': 'service-revision',
};

/** The function that judges new versions of an API. */
export class RolloutCheck extends Construct {
  public readonly function: LambdaFunction;

  constructor(scope: Construct, id: string, props: RolloutCheckProps) {
    super(scope, id);
    this.checkSamples(props);
    const { service, check, timing } = props;
    // Replicas have as long to become ready as the load balancer gives them.
    const settings: RolloutCheckSettings = { ...check, waitMs: timing.healthCheckGrace * 1000 };
    this.function = defineProbeFunction(this, props, {
      handler: 'index.rolloutCheck',
      description: 'Judges a new version of a model API before callers are led to it',
      environment: { [PROBE_VARIABLES.rolloutCheck]: JSON.stringify(settings) },
      // Two contracts are compared by computing: with less memory comes a fraction of a processor.
      memory: 1024,
      timeout: FUNCTION_TIMEOUT_LIMIT,
    });
    this.defineLooks();
    const rules = this.reach(service);
    const role = this.defineCaller();
    const lifecycleStages = [DeploymentLifecycleStage.POST_SCALE_UP];
    service.addLifecycleHook({ bind: () => ({ targetArn: this.function.functionArn, role, lifecycleStages }) });
    service.node.addDependency(this, ...rules);
  }

  /** Without samples half of the judgement is missing, and with no half at all there is nobody to judge. */
  private checkSamples({ samples, check: { samples: sent, latency } }: RolloutCheckProps): void {
    if (samples.length > 0) return;
    const check = new Check(this);
    check.that(
      latency === undefined,
      'latency is measured by the samples of the model directory, and the handler has none: add samples/*.json, or leave the limits out of the rollout check',
    );
    check.done();
    if (!sent) return;
    Annotations.of(this).addWarningV2(
      'cdk-model-api:rolloutWithoutSamples',
      'a new version is judged by the samples of the model directory, and the handler has none, so that nobody asks it for a prediction before callers do: add samples/*.json; or say check: { samples: false }',
    );
  }

  /**
   * Which versions a deployment is about. Neither the service, which is not there yet, nor its cluster, which may be of
   * another stack, can be named where an acknowledgement has to repeat it.
   */
  private defineLooks(): void {
    const stack = Stack.of(this);
    for (const [action, resource] of Object.entries(LOOKS)) {
      const resources = [stack.formatArn({ service: 'ecs', resource, resourceName: '*' })];
      this.function.addToRolePolicy(new PolicyStatement({ actions: [action], resources }));
      acknowledge(
        this,
        `IAM5[Resource::${everyArn(this, 'ecs', resource)}]`,
        'What a deployment is about is described by its own number, which nobody knows before it begins; it is read and nothing else.',
      );
    }
  }

  /** The rules that let the function in: they may stand at the group of the replicas, which the service does not wait for. */
  private reach(service: BaseService): CfnSecurityGroupIngress[] {
    const before = new Set(ingressOf(service));
    this.function.connections.allowTo(service, Port.tcp(SERVING_DEFAULTS.port), 'Rollout check');
    return ingressOf(service).filter((rule) => !before.has(rule));
  }

  /** By which ECS calls the function, and nothing else. */
  private defineCaller(): Role {
    const role = new Role(this, 'CallerRole', {
      description: 'By which Amazon ECS asks whether a new version of a model API may take over',
      assumedBy: new ServicePrincipal('ecs.amazonaws.com'),
    });
    const { functionArn } = this.function;
    role.addToPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] }));
    return role;
  }
}

function ingressOf({ connections }: BaseService): CfnSecurityGroupIngress[] {
  const below = connections.securityGroups.flatMap((group) => group.node.findAll());
  return below.filter((one): one is CfnSecurityGroupIngress => one instanceof CfnSecurityGroupIngress);
}
