/**
 * Lets callers in at a load balancer. Its security groups get a rule for each of `allowFrom`; where that was not said,
 * for the VPC or the internet, but only in groups that this app defines: who reaches a load balancer that others look
 * after, and that several stacks import, is theirs to say, and a rule that two stacks add fails in the second.
 */
import { type IConnectable, type IPeer, type IVpc, Peer, Port } from 'aws-cdk-lib/aws-ec2';
import { type IApplicationLoadBalancer, IpAddressType } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct, type IConstruct } from 'constructs';
import type { AccessBinding } from '../access';
import { claimsOn } from '../private/claims';
import { standAfter } from '../private/order';
import { isOfStack } from '../private/reach';
import { cidrOf } from '../private/vpc-cidr';
import { countWaysIn } from './quotas';

/** Who is let in: as it was said, else nobody by us at an imported door, else the VPC or the internet. */
export function callersOf(
  api: Construct,
  access: AccessBinding,
  vpc: IVpc,
  loadBalancer: IApplicationLoadBalancer,
): IPeer[] {
  if (access.allowFrom) return access.allowFrom;
  if (isImported(loadBalancer)) return [];
  if (!access.internetFacing) return [Peer.ipv4(cidrOf(api, vpc, access.name))];
  return hasIpv6(loadBalancer) ? [Peer.anyIpv4(), Peer.anyIpv6()] : [Peer.anyIpv4()];
}

/** Whether some of who reaches it is for others to say. */
export function isImported({ node, connections }: IApplicationLoadBalancer): boolean {
  const { securityGroups } = connections;
  return node.defaultChild === undefined || securityGroups.some((group) => group.node.defaultChild === undefined);
}

export function hasIpv6({ ipAddressType }: IApplicationLoadBalancer): boolean {
  return ipAddressType === IpAddressType.DUAL_STACK || ipAddressType === IpAddressType.DUAL_STACK_WITHOUT_PUBLIC_IPV4;
}

/** What is not an IPv4 range may have IPv6 addresses. */
export function mayBeIpv6(peer: IPeer): boolean {
  return peer.toIngressRuleConfig().cidrIp === undefined;
}

interface Door extends IConnectable {
  readonly port: number;
  /** In whose stack callers are let in, where they need not be from their own side. */
  readonly entrance: Construct;
  readonly vpc: IVpc;
}

/** Adds the rule, once in the app for each group, peer and port. */
export function letIn(api: Construct, peer: IPeer, door: Door, why: string): void {
  const groups = door.connections.securityGroups;
  const said = `${JSON.stringify(peer.toIngressRuleConfig())} ${door.port}`;
  for (const group of groups) {
    const rules = claimsOn<IConstruct>(group, group.securityGroupId, 'ways in');
    const there = rules.get(said);
    if (there) {
      standAfter(api, there, `the rule that lets in ${peer.uniqueId} on port ${door.port}`);
      return;
    }
    rules.set(said, standsBeside(group, peer, door));
    countWaysIn(api, group, rules.size);
  }
  allow(peer, door, why);
}

/**
 * From the peer's side: a security group of the API's stack must not be named by the platform's. One that stands where
 * the VPC does is named from here, since that stack is deployed before.
 */
function allow(peer: IPeer, { connections, port, entrance, vpc }: Door, why: string): void {
  const isBelow = isOfStack(peer, vpc) && !isOfStack(peer, entrance);
  if (isBelow) connections.allowFrom(peer, Port.tcp(port), why);
  else peer.connections.allowTo({ connections }, Port.tcp(port), why);
}

/** Beside what the CDK puts it. */
function standsBeside(group: IConstruct, peer: IPeer, { vpc }: Door): IConstruct {
  return Construct.isConstruct(peer) && !isOfStack(peer, vpc) ? peer : group;
}
