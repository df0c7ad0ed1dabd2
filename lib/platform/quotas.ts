/**
 * Quotas of AWS that an entrance fills API by API. A deployment beyond one fails halfway, so synthesis says it before,
 * once for each, where it is first passed. What others made there is not counted, nor what another app does.
 */
import { Annotations } from 'aws-cdk-lib';
import type { ISecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { IApplicationListener, IApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import { claimsOn } from '../private/claims';

/** What an account has that asked for no more. */
const MOST_RULES = 100;
const MOST_CERTIFICATES = 25;
const MOST_GROUP_RULES = 60;

/** To where a replica serves, and to where it says how it is. */
const RULES_OUT_OF_AN_API = 2;

/** Each API has one target group or two, and one rule or two; `rules` is the larger number. */
export function countApi(api: Construct, loadBalancer: IApplicationLoadBalancer, rules: number): void {
  const apis = claimsOn<number>(loadBalancer, loadBalancer.loadBalancerArn, 'APIs');
  const before = [...apis.values()].reduce((sum, one) => sum + one, 0);
  apis.set(api.node.path, rules);
  if (before <= MOST_RULES && before + rules > MOST_RULES) {
    Annotations.of(api).addWarningV2(
      'cdk-model-api:loadBalancerRules',
      `APIs have more than ${MOST_RULES} rules or target groups on the load balancer ${loadBalancer.node.path}, and AWS allows it ${MOST_RULES} of each: have both quotas raised (Service Quotas, Elastic Load Balancing), or use a second platform`,
    );
  }
}

/** Those beside the default. */
export function countCertificates(api: Construct, listener: IApplicationListener, further: number): void {
  if (further !== MOST_CERTIFICATES + 1) return;
  Annotations.of(api).addWarningV2(
    'cdk-model-api:loadBalancerCertificates',
    `APIs bring more than ${MOST_CERTIFICATES} certificates to the listener ${listener.node.path}, and AWS allows a load balancer ${MOST_CERTIFICATES} beside the default: give the platform one certificate for all names, such as *.example.com, or have the quota raised (Service Quotas, Elastic Load Balancing)`,
  );
}

/** Rules by which callers are let in. */
export function countWaysIn(api: Construct, group: ISecurityGroup, rules: number): void {
  if (rules > MOST_GROUP_RULES) warnOfGroup(api, group, 'in', 'let in one range or prefix list instead of several');
}

/** The CDK adds these to a group that this app defines, unless it lets out everywhere. */
export function countWaysOut(api: Construct, group: ISecurityGroup): void {
  if (group.allowAllOutbound) return;
  const apis = claimsOn<true>(group, group.securityGroupId, 'ways out');
  apis.set(api.node.path, true);
  if (apis.size * RULES_OUT_OF_AN_API > MOST_GROUP_RULES)
    warnOfGroup(api, group, 'out', 'define the group with allowAllOutbound: true, which needs one rule for all');
}

/** Once for a group and direction. */
function warnOfGroup(api: Construct, group: ISecurityGroup, way: string, remedy: string): void {
  const warned = claimsOn<true>(group, group.securityGroupId, `warned of ways ${way}`);
  if (warned.size > 0) return;
  warned.set(way, true);
  Annotations.of(api).addWarningV2(
    'cdk-model-api:securityGroupRules',
    `APIs add more than ${MOST_GROUP_RULES} rules to the security group ${group.node.path} by which it lets ${way}, and AWS allows ${MOST_GROUP_RULES}: ${remedy}, or have the quota raised (Service Quotas, Amazon VPC)`,
  );
}
