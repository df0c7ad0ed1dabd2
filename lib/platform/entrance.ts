/**
 * The door of a platform: a load balancer and a listener, each its own or given. One entrance serves every API with the
 * same kind of access; APIs add their rules, and admit their callers, without knowing of each other.
 */
import { Annotations, type RemovalPolicy, Token } from 'aws-cdk-lib';
import { type IVpc, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import {
  ApplicationListener,
  ApplicationListenerCertificate,
  ApplicationLoadBalancer,
  ApplicationProtocol,
  DesyncMitigationMode,
  type IApplicationListener,
  type IApplicationLoadBalancer,
  ListenerAction,
  SslPolicy,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import type { Access, AccessBinding } from '../access';
import type { AuthBinding } from '../auth';
import { acknowledge } from '../private/acknowledge';
import { Check } from '../private/check';
import { logAccess } from './access-logs';
import { portOf, protocolOf, urlOf } from './listener';

export interface EntranceProps {
  readonly vpc: IVpc;
  readonly removalPolicy: RemovalPolicy;
  readonly loadBalancer?: IApplicationLoadBalancer;
  readonly listener?: IApplicationListener;
  /** The access of the first API that comes. */
  readonly access: AccessBinding;
}

/** What an API asks of the platform. */
export interface EntryRequest {
  readonly access: Access;
  readonly host?: string;
  /** Seconds. */
  readonly idleTimeout: number;
}

/** The way in that an API got. */
export interface Entry {
  readonly loadBalancer: IApplicationLoadBalancer;
  readonly listener: IApplicationListener;
  /** Scheme and host, without a path. */
  readonly url: string;
  /** The host name that the API's rule asks for. */
  readonly host?: string;
  readonly auth: AuthBinding;
}

/** What a caller learns who asks for a path that no API has. */
const NOT_FOUND = JSON.stringify({
  type: 'about:blank',
  title: 'Not Found',
  status: 404,
  detail: 'no API answers at this path',
  code: 'not_found',
  retryable: false,
});

export class Entrance extends Construct {
  public readonly loadBalancer: IApplicationLoadBalancer;
  public readonly listener: IApplicationListener;
  /** Scheme and host, without a path. */
  public readonly url: string;

  private readonly own?: ApplicationLoadBalancer;
  private readonly certificate?: AccessBinding['certificate'];
  private idleTimeout = 0;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: EntranceProps,
  ) {
    super(scope, id);
    if (!props.loadBalancer) this.own = this.defineLoadBalancer();
    this.loadBalancer = props.loadBalancer ?? (this.own as ApplicationLoadBalancer);
    this.certificate = props.listener ? undefined : props.access.certificate;
    this.listener = props.listener ?? this.defineListener();
    this.url = urlOf(this.loadBalancer, this.listener, props.access);
  }

  /** Lets an API's callers in, and waits for its answers as long as they may take. */
  public admit(api: Construct, access: AccessBinding, idleTimeout: number): void {
    this.checkEncryption(api, access);
    const port = portOf(this.listener, access);
    for (const peer of access.peers) {
      // From the peer's side: a security group of the API's stack must not be named by the platform's.
      peer.connections.allowTo(this.listener, Port.tcp(port), 'Callers of a model API');
      if (this.own && access.certificate) peer.connections.allowTo(this.own, Port.tcp(80), 'Redirected to HTTPS');
    }
    this.acknowledgeUnknown(access);
    this.present(api, access);
    this.wait(api, idleTimeout);
  }

  private checkEncryption(api: Construct, { certificate }: AccessBinding): void {
    const check = new Check(api);
    check.that(
      certificate === undefined || protocolOf(this.listener) !== 'HTTP',
      `Access.public() is HTTPS, and the given listener ${this.listener.node.path} speaks HTTP: give one that speaks HTTPS, or leave out listener`,
    );
    check.done();
  }

  private acknowledgeUnknown({ peers }: AccessBinding): void {
    if (!this.own || !peers.some((peer) => Token.isUnresolved(peer.uniqueId))) return;
    const reason = 'Whom Access admits is known at deployment only, and the rule cannot judge what it cannot read.';
    for (const group of this.own.connections.securityGroups) acknowledge(group, 'EC23', reason);
  }

  private present(api: Construct, { certificate }: AccessBinding): void {
    if (certificate === undefined || certificate === this.certificate) return;
    new ApplicationListenerCertificate(api, 'Certificate', { listener: this.listener, certificates: [certificate] });
  }

  private wait(api: Construct, idleTimeout: number): void {
    if (this.own) {
      this.idleTimeout = Math.max(this.idleTimeout, idleTimeout);
      this.own.setAttribute('idle_timeout.timeout_seconds', String(this.idleTimeout));
      return;
    }
    Annotations.of(api).addWarningV2(
      'cdk-model-api:givenLoadBalancerIdleTimeout',
      `the idle timeout of the given load balancer must be at least ${idleTimeout} s, or requests that take long are cut off with 504; synth cannot see it`,
    );
  }

  private defineLoadBalancer(): ApplicationLoadBalancer {
    const { vpc, access, removalPolicy } = this.props;
    const securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: 'Load balancer of model APIs',
      allowAllOutbound: false,
    });
    const loadBalancer = new ApplicationLoadBalancer(this, 'LoadBalancer', {
      vpc,
      securityGroup,
      internetFacing: access.certificate !== undefined,
      dropInvalidHeaderFields: true,
      desyncMitigationMode: DesyncMitigationMode.DEFENSIVE,
    });
    if (access.certificate) {
      acknowledge(
        securityGroup,
        'EC23',
        'Access.public was declared: the API is meant to be called from the internet.',
      );
      loadBalancer.addRedirect({ open: false });
    }
    logAccess(this, loadBalancer, removalPolicy);
    return loadBalancer;
  }

  private defineListener(): ApplicationListener {
    const { certificate } = this.props.access;
    return new ApplicationListener(this, 'Listener', {
      loadBalancer: this.loadBalancer,
      open: false,
      protocol: certificate ? ApplicationProtocol.HTTPS : ApplicationProtocol.HTTP,
      ...(certificate && { certificates: [certificate], sslPolicy: SslPolicy.TLS13_RES }),
      defaultAction: ListenerAction.fixedResponse(404, {
        contentType: 'application/json',
        messageBody: NOT_FOUND,
      }),
    });
  }
}
