/**
 * The names under which APIs of an entrance are called: for each a certificate, where none was given, and a record that
 * leads to the load balancer. They stand beside the load balancer, once for each name, so that several APIs may share a
 * name and any of them may go.
 */
import { Certificate, CertificateValidation, type ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { type IApplicationLoadBalancer, IpAddressType } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AaaaRecord, ARecord, type IHostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets';
import { Construct } from 'constructs';
import type { AccessBinding } from '../access';
import { checkReach } from '../private/reach';

/** A name in a zone. */
export interface ZoneName {
  readonly domainName: string;
  readonly hostedZone: IHostedZone;
}

/** Whether there is a zone to hold the access's name. */
export function isNamed(access: AccessBinding): access is AccessBinding & ZoneName {
  return access.domainName !== undefined && access.hostedZone !== undefined;
}

/** What is defined for the names of one load balancer. */
export class EntranceNames extends Construct {
  /** Certificate Manager validates it by a record in the zone, and the deployment waits for that. */
  public certify(api: Construct, { domainName, hostedZone }: ZoneName): ICertificate {
    checkReach(api, this, 'hostedZone', hostedZone, hostedZone.hostedZoneId);
    const name = this.of(domainName);
    const made = name.node.tryFindChild('Certificate') as Certificate | undefined;
    const validation = CertificateValidation.fromDns(hostedZone);
    return made ?? new Certificate(name, 'Certificate', { domainName, validation });
  }

  /** Leads the name to the load balancer. */
  public lead(
    api: Construct,
    { domainName, hostedZone: zone }: ZoneName,
    loadBalancer: IApplicationLoadBalancer,
  ): void {
    checkReach(api, this, 'hostedZone', zone, zone.hostedZoneId);
    const name = this.of(domainName);
    if (name.node.tryFindChild('Alias')) return;
    const target = RecordTarget.fromAlias(new LoadBalancerTarget(loadBalancer));
    // With its final dot it is taken as it stands, whatever the zone is called.
    const record = { zone, target, recordName: `${domainName}.` };
    new ARecord(name, 'Alias', record);
    if (hasIpv6(loadBalancer)) new AaaaRecord(name, 'AliasIpv6', record);
  }

  private of(domainName: string): Construct {
    const id = domainName.toLowerCase();
    return (this.node.tryFindChild(id) as Construct | undefined) ?? new Construct(this, id);
  }
}

function hasIpv6({ ipAddressType }: IApplicationLoadBalancer): boolean {
  return ipAddressType === IpAddressType.DUAL_STACK || ipAddressType === IpAddressType.DUAL_STACK_WITHOUT_PUBLIC_IPV4;
}
