/**
 * The door of a platform: a load balancer and its listeners, each its own or given. One entrance serves every API that
 * is reached from the same side, the VPC or the internet; APIs add their rules, and admit their callers, without knowing
 * of each other.
 */
import { Annotations, type RemovalPolicy, Token } from 'aws-cdk-lib';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { type IConnectable, type IPeer, type IVpc, Port } from 'aws-cdk-lib/aws-ec2';
import type {
  ApplicationListener,
  ApplicationLoadBalancer,
  IApplicationListener,
  IApplicationLoadBalancer,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import type { AccessBinding } from '../access';
import { acknowledge } from '../private/acknowledge';
import { Check } from '../private/check';
import { isOfStack } from '../private/reach';
import { checkCovers, checkDefault, note, present } from './certificates';
import { checkExposure } from './exposure';
import { guard } from './firewall';
import { defineListener, isEncrypted, portOf, protocolOf } from './listener';
import { defineLoadBalancer } from './load-balancer';
import { EntranceNames, isNamed } from './names';

export interface EntranceProps {
  readonly vpc: IVpc;
  readonly removalPolicy: RemovalPolicy;
  readonly loadBalancer?: IApplicationLoadBalancer;
  readonly listener?: IApplicationListener;
  /** The default certificate of a listener of its own. */
  readonly certificate?: ICertificate;
  readonly internetFacing: boolean;
}

export class Entrance extends Construct {
  public readonly loadBalancer: IApplicationLoadBalancer;

  private readonly own?: ApplicationLoadBalancer;
  private readonly names: EntranceNames;
  private readonly judgedPorts = new Set<number>();
  private idleTimeout = 0;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: EntranceProps,
  ) {
    super(scope, id);
    if (!props.loadBalancer) this.own = defineLoadBalancer(this, props);
    this.loadBalancer = props.loadBalancer ?? (this.own as ApplicationLoadBalancer);
    this.names = new EntranceNames(this, 'Names');
  }

  /** Lets an API's callers in, and waits for its answers as long as they may take. Answers the listener for its rule. */
  public admit(api: Construct, access: AccessBinding, idleTimeout: number): IApplicationListener {
    const certificate = access.tls ? this.certificateFor(api, access) : undefined;
    const listener = this.props.listener ?? this.listenerWith(api, certificate);
    this.checkEncryption(api, access, listener);
    this.open(api, access, listener);
    if (certificate) present(this, api, listener, certificate);
    if (isNamed(access)) this.names.lead(api, access, this.loadBalancer);
    if (access.webAcl) guard(this, api, this.loadBalancer, access.webAcl);
    this.wait(api, idleTimeout);
    return listener;
  }

  /** The one that the access has, or the platform; else its name gets one. */
  private certificateFor(api: Construct, access: AccessBinding): ICertificate | undefined {
    const given = access.certificate ?? this.props.certificate;
    if (given === undefined && isNamed(access)) return this.names.certify(api, access);
    const { listener } = this.props;
    const check = new Check(api);
    check.that(
      given !== undefined || (listener !== undefined && isEncrypted(listener, false)),
      `${access.name} needs certificate, or domainName and hostedZone for one to be defined, or the certificate of the platform`,
    );
    check.done();
    if (given) checkCovers(api, given, access.domainName);
    return given;
  }

  /** Plain HTTP and HTTPS have a listener each, defined when an API first asks. */
  private listenerWith(api: Construct, certificate?: ICertificate): IApplicationListener {
    const id = certificate && !this.props.internetFacing ? 'TlsListener' : 'Listener';
    const defined = this.node.tryFindChild(id) as ApplicationListener | undefined;
    if (defined) return defined;
    const first = certificate && (this.props.certificate ?? certificate);
    if (first) checkDefault(this, api, first);
    const listener = defineListener(this, id, this.loadBalancer, first);
    if (first) note(listener, first);
    return listener;
  }

  private checkEncryption(api: Construct, { name, tls, auth }: AccessBinding, listener: IApplicationListener): void {
    const check = new Check(api);
    check.that(
      !tls || protocolOf(listener) !== 'HTTP',
      `${name} is HTTPS, and the given listener ${listener.node.path} speaks HTTP: give one that speaks HTTPS, or leave out listener`,
    );
    check.that(
      !auth.needsTls || isEncrypted(listener, tls),
      `${auth.name} reads what ${name} lets travel in the clear, where anybody on the way could take it: use Access.public(), which is HTTPS`,
    );
    check.done();
  }

  private open(api: Construct, access: AccessBinding, listener: IApplicationListener): void {
    const port = portOf(listener, access);
    for (const peer of access.peers) {
      this.allow(peer, listener, port, 'Callers of a model API');
      if (this.own && access.internetFacing) this.allow(peer, this.own, 80, 'Redirected to HTTPS');
    }
    this.acknowledgeUnknown(access);
    if (this.own || access.internetFacing || this.judgedPorts.has(port)) return;
    this.judgedPorts.add(port);
    checkExposure(api, this.loadBalancer, port);
  }

  /**
   * From the peer's side: a security group of the API's stack must not be named by the platform's. One that stands where
   * the VPC does is named from here, since that stack is deployed before.
   */
  private allow(peer: IPeer, door: IConnectable, port: number, why: string): void {
    const { vpc } = this.props;
    const isBelow = isOfStack(peer, vpc) && !isOfStack(peer, this);
    if (isBelow) door.connections.allowFrom(peer, Port.tcp(port), why);
    else peer.connections.allowTo(door, Port.tcp(port), why);
  }

  private acknowledgeUnknown({ peers }: AccessBinding): void {
    if (!this.own || !peers.some((peer) => Token.isUnresolved(peer.uniqueId))) return;
    const reason = 'Whom Access admits is known at deployment only, and the rule cannot judge what it cannot read.';
    for (const group of this.own.connections.securityGroups) acknowledge(group, 'EC23', reason);
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
}
