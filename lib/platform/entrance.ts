/**
 * The door of a platform: a load balancer and its listeners, each its own or given. One entrance serves every API that
 * is reached from the same side, the VPC or the internet; APIs add their rules, and admit their callers, without knowing
 * of each other.
 */
import { Annotations, type RemovalPolicy, Token } from 'aws-cdk-lib';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { IPeer, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
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
import { callersOf, hasIpv6, letIn, mayBeIpv6 } from './callers';
import { checkCovers, checkDefault, checkRegion, note, present } from './certificates';
import { claimPort, claimSide, definedOn } from './doors';
import { checkOpenings, checkScheme, warnOfUnseen } from './exposure';
import { guard } from './firewall';
import { defineListener, isEncrypted, portOf, protocolOf, standardPortOf } from './listener';
import { defineLoadBalancer } from './load-balancer';
import { EntranceNames, isNamed } from './names';
import { countApi, countCertificates, countWaysOut } from './quotas';

/** Where callers come who leave out the s of https. */
const REDIRECTED_PORT = 80;

export interface EntranceProps {
  readonly vpc: IVpc;
  readonly vpcSubnets?: SubnetSelection;
  readonly loadBalancerSubnets?: SubnetSelection;
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
  private furtherCertificates = 0;

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
  public admit(api: Construct, access: AccessBinding, idleTimeout: number, rules: number): IApplicationListener {
    const certificate = access.tls ? this.certificateFor(api, access) : undefined;
    if (certificate) checkRegion(this, api, certificate);
    const listener = this.props.listener ?? this.listenerWith(api, access, certificate);
    this.checkEncryption(api, access, listener);
    const callers = this.open(api, access, listener);
    if (certificate) this.show(api, listener, certificate);
    if (isNamed(access)) {
      const byIpv6 = hasIpv6(this.loadBalancer) && callers.some(mayBeIpv6);
      this.names.lead(api, access, this.loadBalancer, byIpv6);
    }
    if (access.webAcl) guard(this, api, this.loadBalancer, access.webAcl);
    this.wait(api, idleTimeout);
    this.count(api, rules);
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
  private listenerWith(api: Construct, access: AccessBinding, certificate?: ICertificate): IApplicationListener {
    const id = certificate && !this.props.internetFacing ? 'TlsListener' : 'Listener';
    const defined = this.node.tryFindChild(id) as ApplicationListener | undefined;
    if (defined) return defined;
    const first = certificate && (this.props.certificate ?? certificate);
    if (first) checkDefault(this, api, first);
    if (first) checkRegion(this, api, first);
    if (!this.own) this.claim(api, access, standardPortOf(first));
    const listener = defineListener(this, id, this.loadBalancer, first);
    if (first) note(listener, first, this);
    return listener;
  }

  /** A port of a load balancer that others use too. */
  private claim(api: Construct, access: AccessBinding, port: number): void {
    checkScheme(api, access, this.loadBalancer);
    claimSide(api, access, this.loadBalancer, port);
    claimPort(api, this, this.loadBalancer, port);
    this.warnOfNoRedirect(api, access);
  }

  /** Port 80 may be anybody's there, and what stands on it is for the owner to say. */
  private warnOfNoRedirect(api: Construct, { tls }: AccessBinding): void {
    if (!tls || definedOn(this.loadBalancer, REDIRECTED_PORT)) return;
    Annotations.of(api).addWarningV2(
      'cdk-model-api:givenLoadBalancerRedirect',
      `plain HTTP is not redirected to HTTPS on the given load balancer ${this.loadBalancer.node.path}: add a listener on port 80 that does, such as by addRedirect()`,
    );
  }

  /** Further certificates than the default. */
  private show(api: Construct, listener: IApplicationListener, certificate: ICertificate): void {
    if (!present(this, api, listener, certificate)) return;
    this.furtherCertificates += 1;
    countCertificates(api, listener, this.furtherCertificates);
    if (this.props.certificate || this.props.listener || this.furtherCertificates > 1) return;
    Annotations.of(this).addWarningV2(
      'cdk-model-api:defaultCertificate',
      `APIs bring different certificates to the listener ${listener.node.path}: that of the API which is declared first is what callers get who name no host, and another when that API goes or moves. Give the platform a certificate (ModelPlatformProps.certificate), such as for *.example.com`,
    );
  }

  private checkEncryption(api: Construct, { name, tls, auth }: AccessBinding, listener: IApplicationListener): void {
    const check = new Check(api);
    check.that(
      !tls || protocolOf(listener) !== 'HTTP',
      `${name} is HTTPS, and the given listener ${listener.node.path} speaks HTTP: give one that speaks HTTPS, or leave out listener`,
    );
    check.that(
      !auth.needsTls || tls || isEncrypted(listener, tls),
      `${auth.name} reads what ${name} lets travel in the clear, where anybody on the way could take it: use Access.public(), which is HTTPS`,
    );
    check.done();
  }

  private open(api: Construct, access: AccessBinding, listener: IApplicationListener): IPeer[] {
    const port = portOf(listener, access);
    const callers = this.judge(api, access, listener, port);
    const { vpc } = this.props;
    const door = { entrance: this, vpc, connections: listener.connections };
    for (const peer of callers) {
      letIn(api, peer, { ...door, port }, 'Callers of a model API');
      if (this.own && access.internetFacing)
        letIn(api, peer, { ...door, port: REDIRECTED_PORT }, 'Redirected to HTTPS');
    }
    this.acknowledgeUnknown(callers);
    return callers;
  }

  /** Who is let in, and what that says of a load balancer that was given. */
  private judge(api: Construct, access: AccessBinding, listener: IApplicationListener, port: number): IPeer[] {
    const callers = callersOf(api, access, this.props.vpc, this.loadBalancer);
    if (this.own) return callers;
    checkScheme(api, access, this.loadBalancer);
    claimSide(api, access, this.loadBalancer, port, listener);
    if (this.judgedPorts.has(port)) return callers;
    this.judgedPorts.add(port);
    warnOfUnseen(api, this.loadBalancer);
    if (!access.internetFacing) checkOpenings(api, this.loadBalancer, port);
    return callers;
  }

  private acknowledgeUnknown(peers: IPeer[]): void {
    if (!this.own || !peers.some((peer) => Token.isUnresolved(peer.uniqueId))) return;
    const reason = 'Whom Access admits is known at deployment only, and the rule cannot judge what it cannot read.';
    for (const group of this.own.connections.securityGroups) acknowledge(group, 'EC23', reason);
  }

  /** Our own group has one way out for all APIs. */
  private count(api: Construct, rules: number): void {
    countApi(api, this.loadBalancer, rules);
    if (this.own) return;
    for (const group of this.loadBalancer.connections.securityGroups) countWaysOut(api, group);
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
