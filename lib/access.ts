/** Who may call an API. There is no default: whether the world may call a model is for its owner to say. */
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { IPeer } from 'aws-cdk-lib/aws-ec2';
import type { IHostedZone } from 'aws-cdk-lib/aws-route53';
import type { Construct } from 'constructs';
import { Auth, type AuthBinding, type IListenerAuthentication } from './auth';
import { behind, checkAuth, checkName, checkPeers } from './private/access-checks';
import { Check } from './private/check';
import type { WebAcl } from './web-acl';

/** Who may call an internal API. */
export interface InternalAccessOptions {
  /**
   * Who may reach the load balancer: security groups, CIDR ranges, prefix lists. Everybody, and ranges wider than /8,
   * are refused.
   *
   * Required for a VPC that was imported without its CIDR range. APIs with the same kind of access on one platform share
   * its load balancer: whoever one of them lets in reaches the others too.
   *
   * @default - every address of the VPC; on an imported load balancer, whomever it lets in
   */
  readonly allowFrom?: IPeer[];

  /**
   * How a caller proves who it is. What travels in the clear can be read on its way, so that `Auth.jwt` is refused.
   *
   * @default Auth.none()
   */
  readonly auth?: Auth;
}

/** The name of an API, and what guards it beside authentication. */
export interface NamedAccessOptions {
  /**
   * The certificate of the name under which the API is called.
   *
   * @default - the `certificate` of the platform, else a new one for `domainName`, validated by a record in `hostedZone`
   */
  readonly certificate?: ICertificate;

  /**
   * The name under which the API is called, such as `iris.example.com`. Requests for other names are not led to it.
   *
   * @default - the API answers to every name; callers need one that the certificate is for
   */
  readonly domainName?: string;

  /**
   * The zone that gets an alias record of `domainName`. It must be known to the platform's stack: defined there, or
   * imported.
   *
   * @default - no record: let one of your own lead to the load balancer
   */
  readonly hostedZone?: IHostedZone;

  /**
   * What AWS WAF turns away, on the whole load balancer: APIs that share it may not ask for different ones.
   *
   * @default - nothing
   */
  readonly webAcl?: WebAcl;
}

/** Who may call a public API. */
export interface PublicAccessOptions extends NamedAccessOptions {
  /** How a caller proves who it is. */
  readonly auth: Auth;

  /**
   * Who may reach the load balancer. APIs with the same kind of access on one platform share it: whoever one of them
   * lets in reaches the others too.
   *
   * @default - every IPv4 address, and every IPv6 address of a dual-stack load balancer; on an imported one, whomever it
   * lets in
   */
  readonly allowFrom?: IPeer[];
}

/** Who may call an API behind an authentication of its owner's. */
export interface CustomAccessOptions extends NamedAccessOptions {
  /**
   * Whether the load balancer faces the internet. Without, it has no public address, but needs a NAT gateway where the
   * authentication asks somebody on the internet.
   *
   * @default false
   */
  readonly internetFacing?: boolean;

  /**
   * Who may reach the load balancer.
   *
   * @default - where it faces the internet, as for `Access.public`, else as for `Access.internal`
   */
  readonly allowFrom?: IPeer[];

  /**
   * What a replica asks of callers whom the load balancer let through: `Auth.apiKeys`, or nothing.
   *
   * @default Auth.none(), to be said aloud where the internet reaches an authentication that lets everybody through
   */
  readonly auth?: Auth;
}

/**
 * What an access asks of the load balancer.
 *
 * @internal
 */
export interface AccessBinding {
  /** What it is called in messages. */
  readonly name: string;
  /** Undefined where it was not said. */
  readonly allowFrom?: IPeer[];
  readonly internetFacing: boolean;
  /** Whether the load balancer speaks HTTPS. */
  readonly tls: boolean;
  readonly certificate?: ICertificate;
  readonly domainName?: string;
  readonly hostedZone?: IHostedZone;
  readonly webAcl?: WebAcl;
  readonly auth: AuthBinding;
}

/** Who may call an API. */
export abstract class Access {
  /**
   * From inside the VPC, over HTTP.
   *
   * @param options who of the VPC, or of networks that are connected to it
   */
  public static internal(options: InternalAccessOptions = {}): Access {
    return new InternalAccess(options);
  }

  /**
   * From the internet, over HTTPS; plain HTTP is redirected, but on a load balancer that was given, where that is for its
   * owner to do. It needs a certificate, or `domainName` and `hostedZone` for one to be defined.
   *
   * @param options name, certificate and authentication
   */
  public static public(options: PublicAccessOptions): Access {
    return new PublicAccess({ ...options });
  }

  /**
   * Behind an authentication of your own, such as a sign-in by Amazon Cognito or another OpenID Connect provider, over
   * HTTPS: the action that you return stands before the one that forwards to the replicas. Plain HTTP is redirected where
   * the load balancer is the platform's own and faces the internet.
   *
   * @param authentication what the load balancer does before it forwards
   * @param options name, certificate and who may reach the load balancer
   *
   * @example
   * import { Access } from 'cdk-model-api';
   * import * as cognito from 'aws-cdk-lib/aws-cognito';
   * import { ListenerAction } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
   * import { AuthenticateCognitoAction } from 'aws-cdk-lib/aws-elasticloadbalancingv2-actions';
   * import * as route53 from 'aws-cdk-lib/aws-route53';
   *
   * declare const userPool: cognito.UserPool;
   * declare const userPoolClient: cognito.UserPoolClient;
   * declare const userPoolDomain: cognito.UserPoolDomain;
   * declare const hostedZone: route53.IHostedZone;
   *
   * const signIn = {
   *   authenticate: (next: ListenerAction) =>
   *     new AuthenticateCognitoAction({ userPool, userPoolClient, userPoolDomain, next }),
   * };
   * const access = Access.custom(signIn, { internetFacing: true, domainName: 'iris.example.com', hostedZone });
   */
  public static custom(authentication: IListenerAuthentication, options: CustomAccessOptions = {}): Access {
    return new CustomAccess(authentication, options);
  }

  /** @internal */
  public abstract _bind(scope: Construct): AccessBinding;
}

class InternalAccess extends Access {
  constructor(private readonly options: InternalAccessOptions) {
    super();
  }

  public _bind(scope: Construct): AccessBinding {
    const name = 'Access.internal()';
    const { allowFrom, auth = Auth.none() } = this.options;
    const check = new Check(scope);
    checkPeers(check, name, allowFrom);
    checkAuth(check, name, auth);
    check.done();
    return { name, allowFrom, internetFacing: false, tls: false, auth: auth._bind(scope) };
  }
}

class PublicAccess extends Access {
  constructor(private readonly options: PublicAccessOptions) {
    super();
  }

  public _bind(scope: Construct): AccessBinding {
    const name = 'Access.public()';
    const { auth, allowFrom, ...named } = this.options;
    const check = new Check(scope);
    checkPeers(check, name, allowFrom, true);
    checkAuth(check, name, auth);
    checkName(check, name, named);
    check.done();
    return { ...named, name, allowFrom, internetFacing: true, tls: true, auth: auth._bind(scope) };
  }
}

class CustomAccess extends Access {
  constructor(
    private readonly authentication: IListenerAuthentication,
    private readonly options: CustomAccessOptions,
  ) {
    super();
  }

  public _bind(scope: Construct): AccessBinding {
    const name = 'Access.custom()';
    const { internetFacing = false, allowFrom, auth = Auth.none(), ...named } = this.options;
    const mayLetThrough = !internetFacing || this.options.auth !== undefined;
    const check = new Check(scope);
    checkName(check, name, named);
    checkPeers(check, name, allowFrom, internetFacing);
    checkAuth(check, name, auth);
    check.done();
    const binding = behind(scope, this.authentication, auth._bind(scope), mayLetThrough);
    return { ...named, name, allowFrom, internetFacing, tls: true, auth: binding };
  }
}
