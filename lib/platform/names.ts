/**
 * The names under which APIs of an entrance are called: for each a certificate, where none was given, and a record that
 * leads to the load balancer. They stand beside the load balancer, once for each name, so that several APIs may share a
 * name and any of them may go.
 */
import { Stack } from 'aws-cdk-lib';
import { Certificate, CertificateValidation, type ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { IApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AaaaRecord, ARecord, type CfnHostedZone, type IHostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets';
import { Construct } from 'constructs';
import type { AccessBinding } from '../access';
import { Check } from '../private/check';
import { checkReach } from '../private/reach';
import { checkAlias } from './given';

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
  private readonly zones = new Map<string, IHostedZone>();

  /** Certificate Manager validates it by a record in the zone, and the deployment waits for that. */
  public certify(api: Construct, { domainName, hostedZone }: ZoneName): ICertificate {
    checkReach(api, this, 'hostedZone', hostedZone, hostedZone.hostedZoneId);
    checkIssuable(api, domainName, hostedZone);
    const name = this.of(api, domainName, hostedZone);
    const made = name.node.tryFindChild('Certificate') as Certificate | undefined;
    const validation = CertificateValidation.fromDns(hostedZone);
    return made ?? new Certificate(name, 'Certificate', { domainName, validation });
  }

  /** Leads the name to the load balancer, by its IPv6 addresses too where callers may come by them. */
  public lead(
    api: Construct,
    { domainName, hostedZone: zone }: ZoneName,
    loadBalancer: IApplicationLoadBalancer,
    byIpv6: boolean,
  ): void {
    checkReach(api, this, 'hostedZone', zone, zone.hostedZoneId);
    const check = new Check(api);
    checkAlias(check, loadBalancer);
    check.done();
    const name = this.of(api, domainName, zone);
    const target = RecordTarget.fromAlias(new LoadBalancerTarget(loadBalancer));
    // With its final dot it is taken as it stands, whatever the zone is called.
    const record = { zone, target, recordName: `${domainName}.` };
    if (!name.node.tryFindChild('Alias')) new ARecord(name, 'Alias', record);
    if (byIpv6 && !name.node.tryFindChild('AliasIpv6')) new AaaaRecord(name, 'AliasIpv6', record);
  }

  private of(api: Construct, domainName: string, zone: IHostedZone): Construct {
    const id = domainName.toLowerCase();
    const first = this.zones.get(id) ?? zone;
    const check = new Check(api);
    check.that(
      first.hostedZoneId === zone.hostedZoneId,
      `domainName '${domainName}' has its record in the hostedZone ${first.node.path} already, for another API, and would get one in ${zone.node.path}: give both the same zone`,
    );
    check.done();
    this.zones.set(id, first);
    return (this.node.tryFindChild(id) as Construct | undefined) ?? new Construct(this, id);
  }
}

/** What Certificate Manager takes as the first name of a certificate. */
const LONGEST_NAME = 64;

/** Throws where no certificate would ever be issued, and the deployment would wait for it. */
function checkIssuable(api: Construct, domainName: string, zone: IHostedZone): void {
  const check = new Check(api);
  check.that(
    domainName.length <= LONGEST_NAME,
    `domainName '${domainName}' has ${domainName.length} characters, and AWS issues certificates for names of at most ${LONGEST_NAME}: give a shorter one, or a certificate that is for it, such as for *.${domainName.split('.').slice(1).join('.')}`,
  );
  check.that(
    !isPrivate(zone),
    `the hostedZone ${zone.node.path} is private, and nobody outside its VPC can validate a certificate by it: give certificate, or a public hostedZone`,
  );
  check.done();
}

/** A private zone that was imported cannot be told from a public one. */
function isPrivate(zone: IHostedZone): boolean {
  const vpcs = (zone.node.defaultChild as CfnHostedZone | undefined)?.vpcs;
  return (Stack.of(zone).resolve(vpcs) ?? []).length > 0;
}
