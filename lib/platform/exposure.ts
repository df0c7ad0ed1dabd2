/**
 * Who can reach a load balancer that a platform was given. An internal API behind one that the world reaches would be
 * public without anybody having said so.
 */
import { Annotations, type CfnResource, Reference, Stack, Tokenization } from 'aws-cdk-lib';
import type { CfnSecurityGroup, CfnSecurityGroupIngress, ISecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { CfnLoadBalancer, IApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IConstruct } from 'constructs';
import type { AccessBinding } from '../access';
import { Check } from '../private/check';
import { isEverybody } from '../private/everybody';
import { isImported } from './callers';

/** Throws where a load balancer of this app faces the other side than the access. */
export function checkScheme(scope: IConstruct, access: AccessBinding, loadBalancer: IApplicationLoadBalancer): void {
  const defined = loadBalancer.node.defaultChild as CfnLoadBalancer | undefined;
  if (!defined) return;
  const facing = defined.scheme === 'internet-facing';
  const check = new Check(scope);
  check.that(
    access.internetFacing || !facing,
    `the given load balancer ${loadBalancer.node.path} faces the internet, and internal access keeps an API off it: use Access.public(), or give an internal load balancer`,
  );
  check.that(
    !access.internetFacing || defined.scheme !== 'internal',
    `the given load balancer ${loadBalancer.node.path} is internal, and nobody on the internet reaches it, as ${access.name} says: use Access.internal(), or give an internet-facing load balancer`,
  );
  check.done();
}

/** Judges what security groups say of a port, when all of the app has been said. */
export function checkOpenings(scope: IConstruct, loadBalancer: IApplicationLoadBalancer, port: number): void {
  scope.node.addValidation({ validate: () => openings(loadBalancer, port) });
}

export function warnOfUnseen(scope: IConstruct, loadBalancer: IApplicationLoadBalancer): void {
  if (!isImported(loadBalancer)) return;
  Annotations.of(scope).addWarningV2(
    'cdk-model-api:givenLoadBalancerExposure',
    `the given load balancer ${loadBalancer.node.path} or its security group was imported: synth cannot see whether it faces the internet nor whom it lets in, and whomever it lets in reaches the API. Rules are added to its security group for allowFrom only`,
  );
}

function openings(loadBalancer: IApplicationLoadBalancer, port: number): string[] {
  const open = loadBalancer.connections.securityGroups.filter((group) =>
    rulesOf(group).some((rule) => opens(rule, port)),
  );
  return open.map(
    ({ node }) =>
      `the security group ${node.path} of the given load balancer lets in everywhere on port ${port}, and internal access does not: let in networks only (a listener of the CDK opens its port unless it has open: false), or use Access.public()`,
  );
}

interface Rule {
  readonly cidrIp?: string;
  readonly cidrIpv6?: string;
  readonly ipProtocol: string;
  readonly fromPort?: number;
  readonly toPort?: number;
}

function opens({ cidrIp, cidrIpv6, ipProtocol, fromPort, toPort }: Rule, port: number): boolean {
  if (!isEverybody(cidrIp ?? cidrIpv6 ?? '')) return false;
  return ipProtocol === '-1' || ((fromPort ?? 0) <= port && port <= (toPort ?? fromPort ?? 65_535));
}

/** Those in the group, and those that stand beside it, anywhere in the app. */
function rulesOf(group: ISecurityGroup): Rule[] {
  const defined = group.node.defaultChild as CfnSecurityGroup | undefined;
  const inline = (defined && Stack.of(group).resolve(defined.securityGroupIngress)) ?? [];
  const apart = group.node.root.node.findAll().filter(isIngress);
  return [...inline, ...apart.filter(({ groupId }) => isOf(group, groupId))];
}

function isOf(group: ISecurityGroup, groupId = ''): boolean {
  if (groupId === group.securityGroupId) return true;
  const [reference] = Tokenization.reverseString(groupId).tokens.filter(Reference.isReference);
  return reference !== undefined && reference.target === group.node.defaultChild;
}

function isIngress(construct: IConstruct): construct is CfnSecurityGroupIngress {
  return (construct as CfnResource).cfnResourceType === 'AWS::EC2::SecurityGroupIngress';
}
