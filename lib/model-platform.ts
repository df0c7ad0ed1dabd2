/**
 * What several APIs share: a network, a cluster, load balancers. Each part may be given; what is not given is defined
 * here. A platform holds nothing of any API, so that it may live in a stack of its own.
 */
import { RemovalPolicy } from 'aws-cdk-lib';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import type { IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { Cluster, type ICluster } from 'aws-cdk-lib/aws-ecs';
import type { IApplicationListener, IApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { AccessBinding } from './access';
import type { MonitoringSubject } from './monitoring/subject';
import { Entrance } from './platform/entrance';
import { type Entry, type EntryRequest, hostOf } from './platform/entry';
import { warnOfFargateProviders } from './platform/fargate-providers';
import { checkGiven, loadBalancerOf, vpcOf } from './platform/given';
import { urlOf } from './platform/listener';
import { defineVpc } from './platform/network';
import { Overview } from './platform/overview';
import { checkPlace } from './platform/place';
import { checkReplicaSubnets } from './platform/subnets';
import { acknowledge } from './private/acknowledge';
import { Check } from './private/check';
import { isName } from './private/hosts';
import { warnOfIsolation } from './private/isolation';
import { MAX_PRIORITY } from './private/priority';

/** Which parts of a platform exist already, and how the others are kept. */
export interface ModelPlatformProps {
  /**
   * The VPC in which APIs run. Exclusive with `cluster`, which has one, unless that was imported by its ARN alone.
   *
   * @default - the VPC of `cluster` or `loadBalancer`, else a new one: two zones, one NAT gateway, an S3 endpoint, flow logs
   */
  readonly vpc?: IVpc;

  /**
   * The subnets in which replicas and probe functions run. They need a way to the image registry and, for the probe, to
   * the Elastic Load Balancing API: a NAT gateway or endpoints.
   *
   * @default - the private subnets
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * The subnets of load balancers of the platform's own, one in each of two zones or more: those for the internet public
   * ones, the others where callers find them. Of several in one zone the first is taken.
   *
   * @default - for the internet the public subnets, else `vpcSubnets`, or the private ones where those are of one zone
   */
  readonly loadBalancerSubnets?: SubnetSelection;

  /**
   * The cluster in which APIs run. For those on Fargate, `FARGATE` and `FARGATE_SPOT` must be among its capacity providers.
   *
   * @default - a new one
   */
  readonly cluster?: ICluster;

  /**
   * The load balancer through which APIs are called. Its idle timeout must be 5 seconds above the longest
   * `requestTimeout`. APIs behind one listener of it are either all for the internet or none is. One that was imported
   * lets in whom it lets in: its security group gets a rule for each `allowFrom` only. Plain HTTP is not redirected there.
   *
   * @default - that of `listener`, else a new one for each kind of access: internal, public
   */
  readonly loadBalancer?: IApplicationLoadBalancer;

  /**
   * The listener to which APIs add their rules. One that was imported needs `loadBalancer` beside it, and to have been
   * imported with its port where that is not the standard one. Each API must then say its `priority`.
   *
   * @default - a new one: HTTP on port 80 for internal access, HTTPS on port 443 for public access
   */
  readonly listener?: IApplicationListener;

  /**
   * The default certificate of the listener for HTTPS, such as one for `*.example.com`: what APIs get that bring none of
   * their own. It must be for their names. APIs in stacks of their own need it here.
   *
   * @default - the certificate of the first API that comes
   */
  readonly certificate?: ICertificate;

  /**
   * Whether there is a dashboard with a row for each API. CloudWatch bills 3 US dollars a month for it beyond the first
   * three of an account.
   *
   * @default true
   */
  readonly dashboard?: boolean;

  /**
   * How long the flow logs of a new VPC are kept.
   *
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;

  /**
   * What becomes of flow logs and access logs when the platform is destroyed.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** Network, cluster and load balancers that several APIs share. */
export class ModelPlatform extends Construct {
  /** The VPC in which APIs run. */
  public readonly vpc: IVpc;
  /** The subnets in which replicas run; the private ones when undefined. */
  public readonly vpcSubnets?: SubnetSelection;
  /** The cluster in which APIs run. */
  public readonly cluster: ICluster;
  /** The dashboard with a row for each API. */
  public readonly dashboard?: Dashboard;

  private usesFargate = false;
  private readonly hasGivenCluster: boolean;
  private readonly overview?: Overview;
  private readonly removalPolicy: RemovalPolicy;
  private readonly loadBalancerSubnets?: SubnetSelection;
  private readonly loadBalancer?: IApplicationLoadBalancer;
  private readonly listener?: IApplicationListener;
  private readonly certificate?: ICertificate;

  constructor(scope: Construct, id: string, props: ModelPlatformProps = {}) {
    super(scope, id);
    this.removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    this.listener = props.listener;
    this.certificate = props.certificate;
    this.loadBalancer = props.loadBalancer ?? loadBalancerOf(props.listener);
    this.check(props);
    this.vpc = props.vpc ?? vpcOf(props.cluster) ?? this.loadBalancer?.vpc ?? this.defineVpc(props.logRetention);
    this.vpcSubnets = props.vpcSubnets;
    this.loadBalancerSubnets = props.loadBalancerSubnets;
    this.checkSubnets();
    if (props.dashboard ?? true) this.overview = new Overview(this, 'Overview');
    this.dashboard = this.overview?.dashboard;
    this.hasGivenCluster = props.cluster !== undefined;
    this.cluster = props.cluster ? this.useCluster(props.cluster) : this.defineCluster();
  }

  /**
   * The way in for an API with this access, which from now on admits that API's callers.
   *
   * @internal
   */
  public _admit(api: Construct, request: EntryRequest): Entry {
    checkPlace(api, this);
    this.checkPriority(api, request.priority);
    const access = request.access._bind(api);
    const host = hostOf(api, request.host, access);
    const entrance = this.entranceFor(access);
    // Browsers' preflights have a rule of their own before an authentication.
    const rules = request.cors && access.auth.authentication ? 2 : 1;
    // Of either a load balancer has as many.
    const most = Math.max(rules, request.targetGroups ?? 1);
    const listener = entrance.admit(api, access, request.idleTimeout, most);
    const { loadBalancer } = entrance;
    const { auth, domainName, hostedZone } = access;
    const name = domainName ?? (isName(host) ? host : undefined);
    const url = urlOf(listener, access, name ?? loadBalancer.loadBalancerDnsName);
    const unrecordedName = hostedZone ? undefined : name;
    return { loadBalancer, listener, url, host, auth, unrecordedName, hostPattern: name ? undefined : host };
  }

  /**
   * Shows an API on the platform's dashboard.
   *
   * @internal
   */
  public _watch(subject: MonitoringSubject): void {
    this.overview?.add(subject);
  }

  /**
   * Has the cluster run replicas on Fargate, whose capacity providers it must have.
   *
   * @internal
   */
  public _useFargate(): void {
    if (this.usesFargate || !this.hasGivenCluster) return;
    this.usesFargate = true;
    warnOfFargateProviders(this, this.cluster);
  }

  private check(props: ModelPlatformProps): void {
    const check = new Check(this);
    checkGiven(check, props);
    check.that(
      !(props.listener && props.certificate),
      'listener and certificate exclude each other: the given listener has its certificate. Leave out certificate, and let APIs bring further ones',
    );
    check.done();
  }

  private checkSubnets(): void {
    checkReplicaSubnets(this, this.vpc, this.vpcSubnets);
    warnOfIsolation(this, this.vpc, this.vpcSubnets);
  }

  private checkPriority(api: Construct, priority?: number): void {
    const check = new Check(api);
    check.that(
      !this.listener || priority !== undefined,
      `priority is required on the given listener ${this.listener?.node.path}, whose other rules synth cannot see: give an integer from 1 to ${MAX_PRIORITY} that none of them has`,
    );
    check.done();
  }

  /** One for each side from which callers come, defined when the first API asks. */
  private entranceFor({ internetFacing }: AccessBinding): Entrance {
    const id = internetFacing ? 'Public' : 'Internal';
    const { vpc, vpcSubnets, loadBalancerSubnets, removalPolicy, loadBalancer, listener, certificate } = this;
    const given = { vpc, vpcSubnets, loadBalancerSubnets, loadBalancer, listener, certificate };
    const parts = { ...given, removalPolicy, internetFacing };
    return (this.node.tryFindChild(id) as Entrance | undefined) ?? new Entrance(this, id, parts);
  }

  private defineVpc(logRetention = RetentionDays.ONE_MONTH): IVpc {
    return defineVpc(this, { logRetention, removalPolicy: this.removalPolicy });
  }

  private defineCluster(): ICluster {
    const cluster = new Cluster(this, 'Cluster', { vpc: this.vpc, enableFargateCapacityProviders: true });
    acknowledge(
      cluster,
      'ECS4',
      'Container Insights is billed by metric; scaling, alarms and the dashboard read the metrics of the API itself, of the load balancer and of the service, which need none of it.',
    );
    return cluster;
  }

  private useCluster(cluster: ICluster): ICluster {
    return vpcOf(cluster) ? cluster : this.inVpc(cluster);
  }

  /** Services ask the cluster for its VPC, which one that was imported by its ARN does not know. */
  private inVpc({ clusterName, clusterArn }: ICluster): ICluster {
    return Cluster.fromClusterAttributes(this, 'Cluster', { clusterName, clusterArn, vpc: this.vpc });
  }
}
