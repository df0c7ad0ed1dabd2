/**
 * A model as an HTTP API: the declaration that everything else in this folder is a part of. The constructor follows a
 * request: it enters, is led to a target, meets a replica, and is watched. What a part is made of is said in its file.
 */
import { RemovalPolicy } from 'aws-cdk-lib';
import type { AlarmBase, CompositeAlarm, Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import type { Connections, IConnectable, IVpc } from 'aws-cdk-lib/aws-ec2';
import type {
  BaseService,
  ContainerDefinition,
  ContainerImage,
  ICluster,
  ScalableTaskCount,
  TaskDefinition,
} from 'aws-cdk-lib/aws-ecs';
import type {
  ApplicationTargetGroup,
  IApplicationListener,
  IApplicationLoadBalancer,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Grant, IGrantable, IPrincipal, IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { type ILogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { Compute } from './compute';
import { ModelApiMetrics } from './model-api-metrics';
import type { ModelApiProps } from './model-api-props';
import type { ModelFleet } from './model-fleet';
import { ModelPlatform } from './model-platform';
import { Monitoring } from './monitoring';
import type { Entry } from './platform/entry';
import { claimedNameOf } from './private/api-name';
import { checkBatches, heldByWorker } from './private/batches';
import { warnOfClearKeys } from './private/clear-keys';
import { warnOfInterruption } from './private/interruption';
import { defineOutputs } from './private/outputs';
import { basePathOf, checkServing } from './private/overlay-of';
import { checkParts } from './private/required';
import { timingOf } from './private/timing-of';
import { Rollout } from './rollout';
import type { RolloutBinding } from './rollout/binding';
import { Scaling } from './scaling';
import { Probe } from './service/probe';
import { defineReplicas } from './service/replicas';
import { RolloutCheck } from './service/rollout-check';
import { ServingTarget } from './service/target';
import { ServingTask } from './service/task';

/** A model as a realtime HTTP API. */
export class ModelApi extends ModelApiMetrics implements IConnectable, IGrantable {
  /** The API's name: the dimension of its metrics. */
  public readonly apiName: string;
  /** Where the API answers, without a final slash: predictions at `<url>/predict`. */
  public readonly url: string;
  /** What the API shares with others. */
  public readonly platform: ModelPlatform;
  /** The network in which it runs. */
  public readonly vpc: IVpc;
  /** The cluster in which it runs. */
  public readonly cluster: ICluster;
  /** The load balancer through which it is called. */
  public readonly loadBalancer: IApplicationLoadBalancer;
  /** The listener that leads to it. */
  public readonly listener: IApplicationListener;
  /** The group of its replicas; with `alternateTargetGroup`, one of the two in which they may be. */
  public readonly targetGroup: ApplicationTargetGroup;
  /** The group that versions take turns with, where `rollout` leads callers from the one to the other. */
  public readonly alternateTargetGroup?: ApplicationTargetGroup;
  /** The image of its replicas. */
  public readonly image: ContainerImage;
  /** Where its replicas log. */
  public readonly logGroup: ILogGroup;
  /** What a replica is. */
  public readonly taskDefinition: TaskDefinition;
  /** The container of a replica. */
  public readonly container: ContainerDefinition;
  /** The role that the handler acts as. */
  public readonly taskRole: IRole;
  /** The same role, for grants such as `bucket.grantRead(api)`. */
  public readonly grantPrincipal: IPrincipal;
  /** The running replicas. */
  public readonly service: BaseService;
  /** The EC2 instances on which they run, of its own or shared; none on Fargate and Managed Instances. */
  public readonly fleet?: ModelFleet;
  /** How many replicas run: schedules and further policies are added here. */
  public readonly scalableTaskCount: ScalableTaskCount;
  /** The security groups of the replicas. */
  public readonly connections: Connections;
  /** The function that asks for a prediction from inside the network. */
  public readonly probeFunction: LambdaFunction;
  /** The function that judges a new version before callers are led to it, where `rollout` has one. */
  public readonly rolloutCheckFunction?: LambdaFunction;
  /** The alarms of its monitoring. */
  public readonly alarms: AlarmBase[];
  /** The alarm that rings while any critical one does. */
  public readonly compositeAlarm?: CompositeAlarm;
  /** The dashboard of its monitoring. */
  public readonly dashboard?: Dashboard;

  constructor(scope: Construct, id: string, props: ModelApiProps) {
    super(scope, id);
    checkParts(this, props);
    checkServing(this, props);
    this.apiName = claimedNameOf(this, props.apiName);
    const { apiName } = this;
    const basePath = basePathOf(props.path);
    const { compute, timing, replicas } = this.bindCompute(props);
    const kept = keptAs(props);

    this.platform = props.platform ?? new ModelPlatform(this, 'Platform', { ...kept, dashboard: false });
    const { platform } = this;
    this.vpc = platform.vpc;
    this.cluster = platform.cluster;
    const rollout = (props.rollout ?? Rollout.rolling())._bind(this, { ...compute, apiName, replicas });
    const { idleTimeout } = timing;
    const entry = platform._admit(this, { ...props, targetGroups: rollout.alternateGroup ? 2 : 1, idleTimeout });
    warnOfClearKeys(this, entry);
    this.loadBalancer = entry.loadBalancer;
    this.listener = entry.listener;
    this.url = entry.url + basePath;
    const { listener } = this;
    const { apiKeys } = entry.auth;

    const target = this.targetIn(props, entry, rollout);
    this.targetGroup = target.targetGroup;
    this.alternateTargetGroup = target.alternateTargetGroup;
    const { targetGroups } = target;

    const code = props.handler._bind(this, compute);
    checkBatches(this, code.batching, props.queueRequests, timing);
    this.image = code.image;
    this.logGroup = new LogGroup(this, 'LogGroup', { ...kept, retention: kept.logRetention });
    const { image, logGroup } = this;
    const task = new ServingTask(this, 'Task', { ...props, apiName, image, logGroup, apiKeys });
    this.taskDefinition = task.taskDefinition;
    this.container = task.container;
    this.taskRole = task.taskDefinition.taskRole;
    this.grantPrincipal = this.taskRole.grantPrincipal;

    this.service = defineReplicas(this, { ...props, platform, listener, target, task, compute, rollout, timing });
    this.fleet = compute.fleet;
    this.connections = this.service.connections;
    const { service } = this;

    const replicaConcurrency = (task.workers ?? 1) * heldByWorker(props, code);
    const scaling = this.bindScaling(props, replicaConcurrency, rollout.leastReplicas);
    this.scalableTaskCount = scaling.replicas;

    const probed = { ...kept, platform, service, target, basePath, timing, samples: code.samples, apiKeys };
    this.probeFunction = new Probe(this, 'Probe', probed).function;
    const { check } = rollout;
    this.rolloutCheckFunction = check && new RolloutCheck(this, 'RolloutCheck', { ...probed, check }).function;

    const { mayHaveNone } = scaling;
    const { gpus } = compute;
    const subject = { apiName, service, targetGroups, logGroup, timing, replicaConcurrency, mayHaveNone, gpus };
    const watched = (props.monitoring ?? Monitoring.standard())._bind(this, subject);
    platform._watch(subject);
    this.alarms = watched.alarms;
    this.compositeAlarm = watched.compositeAlarm;
    this.dashboard = watched.dashboard;

    defineOutputs(this, this, entry);
  }

  /**
   * Lets the grantee ask for predictions through the probe function, such as by `model-api predict --stack`.
   *
   * @param grantee who may
   */
  public grantInvoke(grantee: IGrantable): Grant {
    return this.probeFunction.grantInvoke(grantee);
  }

  /**
   * Adds a permission to the role that the handler acts as.
   *
   * @param statement the permission
   */
  public addToTaskRolePolicy(statement: PolicyStatement): void {
    this.taskRole.addToPrincipalPolicy(statement);
  }

  private bindCompute(props: ModelApiProps) {
    const replicas = (props.scaling ?? Scaling.onConcurrency())._range();
    const compute = (props.compute ?? Compute.fargate())._bind(this, replicas);
    const timing = timingOf(props, compute.stopTimeoutLimit);
    warnOfInterruption(this, compute, timing.requestTimeout);
    return { compute, timing, replicas };
  }

  private targetIn(props: ModelApiProps, entry: Entry, rollout: RolloutBinding): ServingTarget {
    const { listener, host, auth } = entry;
    const { authentication } = auth;
    const { alternateGroup, testListener } = rollout;
    const forwardPreflight = props.cors !== undefined;
    const { vpc } = this;
    const target = { ...props, vpc, listener, host, authentication, forwardPreflight, alternateGroup, testListener };
    return new ServingTarget(this, 'Target', target);
  }

  private bindScaling(props: ModelApiProps, replicaConcurrency: number, leastReplicas: number) {
    const { apiName, service } = this;
    const offeredConcurrency = this.metricOfferedConcurrency();
    const subject = { apiName, service, offeredConcurrency, replicaConcurrency, leastReplicas };
    return (props.scaling ?? Scaling.onConcurrency())._bind(this, subject);
  }
}

function keptAs({ logRetention = RetentionDays.ONE_MONTH, removalPolicy = RemovalPolicy.RETAIN }: ModelApiProps) {
  return { logRetention, removalPolicy };
}
