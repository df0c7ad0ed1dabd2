/** Who may call an API. There is no default: whether the world may call a model is for its owner to say. */
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { type IPeer, type IVpc, Peer } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { Auth, type AuthBinding } from './auth';
import { Check } from './private/check';
import { cidrOf } from './private/vpc-cidr';

/** Who may call an internal API. */
export interface InternalAccessOptions {
  /**
   * Who may reach the load balancer: security groups, CIDR ranges, prefix lists.
   *
   * Required for a VPC that was imported without its CIDR range. APIs with the same kind of access on one platform share
   * its load balancer: whoever one of them lets in reaches the others too.
   *
   * @default - every address of the VPC
   */
  readonly allowFrom?: IPeer[];
}

/** Who may call a public API. */
export interface PublicAccessOptions {
  /** The certificate of the name under which the API is called. */
  readonly certificate: ICertificate;

  /** How a caller proves who it is. */
  readonly auth: Auth;

  /**
   * Who may reach the load balancer. APIs with the same kind of access on one platform share it: whoever one of them
   * lets in reaches the others too.
   *
   * @default - every IPv4 address
   */
  readonly allowFrom?: IPeer[];
}

/**
 * What an access asks of the load balancer.
 *
 * @internal
 */
export interface AccessBinding {
  readonly peers: IPeer[];
  /** Given: the load balancer faces the internet, and speaks HTTPS by this certificate. */
  readonly certificate?: ICertificate;
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
   * From the internet, over HTTPS; plain HTTP is redirected.
   *
   * @param options certificate and authentication
   */
  public static public(options: PublicAccessOptions): Access {
    return new PublicAccess(options);
  }

  /** @internal */
  public abstract _bind(scope: Construct, vpc: IVpc): AccessBinding;
}

class InternalAccess extends Access {
  constructor(private readonly options: InternalAccessOptions) {
    super();
  }

  public _bind(scope: Construct, vpc: IVpc): AccessBinding {
    return { peers: this.options.allowFrom ?? [Peer.ipv4(cidrOf(scope, vpc))], auth: Auth.none()._bind(scope) };
  }
}

class PublicAccess extends Access {
  constructor(private readonly options: PublicAccessOptions) {
    super();
  }

  public _bind(scope: Construct): AccessBinding {
    const { certificate, auth, allowFrom = [Peer.anyIpv4()] } = this.options;
    // The types require both; plain JavaScript does not, and would get an API that the world reads along with.
    const check = new Check(scope);
    check.that(certificate !== undefined, 'Access.public needs certificate: give one of AWS Certificate Manager');
    check.that(auth !== undefined, 'Access.public needs auth: give one, or say Auth.none() aloud');
    check.done();
    return { peers: allowFrom, certificate, auth: auth._bind(scope) };
  }
}
