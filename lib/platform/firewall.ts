/** The web ACL of a load balancer. It has at most one, which guards every API behind it. */
import { Reference, Tokenization } from 'aws-cdk-lib';
import type { IApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';
import { Check } from '../private/check';
import { claimsOn } from '../private/claims';
import { standAfter } from '../private/order';
import { checkReach } from '../private/reach';
import type { WebAcl } from '../web-acl';

interface Guarded {
  readonly by: string;
  readonly webAcl: string;
  /** Beside whom it stands. */
  readonly there: Construct;
}

/** Defines it when an API first asks, and refuses another one. */
export function guard(entrance: Construct, api: Construct, loadBalancer: IApplicationLoadBalancer, acl: WebAcl): void {
  const { loadBalancerArn: resourceArn } = loadBalancer;
  const guards = claimsOn<Guarded>(loadBalancer, resourceArn, 'web ACL');
  const there = guards.get('guard');
  const check = new Check(api);
  check.that(
    there === undefined || there.webAcl === acl._key,
    `webAcl is ${acl._key}, and ${there?.by} has ${there?.webAcl} on the same load balancer, which takes one: give both the same`,
  );
  check.done();
  if (there) {
    standAfter(api, there.there, 'the web ACL of the load balancer');
    return;
  }
  guards.set('guard', { by: api.node.path, webAcl: acl._key, there: entrance });
  const webAclArn = acl._bind(entrance);
  for (const target of targetsOf(webAclArn)) checkReach(api, entrance, 'webAcl', target, webAclArn);
  new CfnWebACLAssociation(entrance, 'WebAclAssociation', { resourceArn, webAclArn });
}

function targetsOf(arn: string) {
  const { tokens } = Tokenization.reverseString(arn);
  return tokens.filter((token) => Reference.isReference(token)).map(({ target }) => target);
}
