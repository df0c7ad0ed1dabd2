/**
 * Who can reach a load balancer that a platform was given. An internal API behind one that the world reaches would be
 * public without anybody having said so.
 */
import { Annotations, type CfnResource, Stack } from 'aws-cdk-lib';
import type { CfnSecurityGroup, CfnSecurityGroupIngress, ISecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { CfnLoadBalancer, IApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IConstruct } from 'constructs';
import { Check } from '../private/check';

/** Judges what can be seen now; what security groups say, when all of the app has been said. */
export function checkExposure(scope: IConstruct, loadBalancer: IApplicationLoadBalancer, port: number): void {
  const defined = loadBalancer.node.defaultChild as CfnLoadBalancer | undefined;
  if (!defined) {
    warnOfUnseen(scope, loadBalancer);
    return;
  }
  const check = new Check(scope);
  check.that(
    defined.scheme !== 'internet-facing',
    `the given load balancer ${loadBalancer.node.path} faces the internet, and internal access keeps an API off it: use Access.public(), or give an internal load balancer`,
  );
  check.done();
  scope.node.addValidation({ validate: () => openings(loadBalancer, port) });
}

function warnOfUnseen(scope: IConstruct, loadBalancer: IApplicationLoadBalancer): void {
  Annotations.of(scope).addWarningV2(
    'cdk-model-api:givenLoadBalancerExposure',
    `the given load balancer ${loadBalancer.node.path} was imported, and synth cannot see whether it faces the internet or lets everybody in; an API with internal access is as public as it is`,
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
  if (cidrIp !== '0.0.0.0/0' && cidrIpv6 !== '::/0') return false;
  return ipProtocol === '-1' || ((fromPort ?? 0) <= port && port <= (toPort ?? fromPort ?? 65_535));
}

/** Those in the group, and those that stand beside it. */
function rulesOf(group: ISecurityGroup): Rule[] {
  const defined = group.node.defaultChild as CfnSecurityGroup | undefined;
  const inline = (defined && Stack.of(group).resolve(defined.securityGroupIngress)) ?? [];
  const apart = group.node.findAll().filter(isIngress);
  return [...inline, ...apart];
}

function isIngress(construct: IConstruct): construct is CfnSecurityGroupIngress {
  return (construct as CfnResource).cfnResourceType === 'AWS::EC2::SecurityGroupIngress';
}
