/** What AWS WAF turns away, and that one load balancer has one list of it. */
import { Fn } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import { describe, expect, test } from 'vitest';
import { Access, Auth, ModelPlatform, type StandardWebAclOptions, WebAcl } from '../../lib';
import { testApp } from './assembly';
import { apiIn, certificateIn, only, stackIn } from './declaration';

const ACL = 'AWS::WAFv2::WebACL';
const ASSOCIATION = 'AWS::WAFv2::WebACLAssociation';
const GIVEN = 'arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/ours/0a1b2c';

/** The template of public APIs on one platform, each with a web ACL or none. */
function guarded(...acls: (WebAcl | undefined)[]): Template {
  const stack = stackIn();
  const platform = new ModelPlatform(stack, 'Platform', { certificate: certificateIn(stack) });
  for (const [index, webAcl] of acls.entries()) {
    apiIn(stack, { platform, path: `/${index}`, access: Access.public({ auth: Auth.none(), webAcl }) }, `Api${index}`);
  }
  return Template.fromStack(stack);
}

const standard = (options?: StandardWebAclOptions) => only(guarded(WebAcl.standard(options)), ACL);
// biome-ignore lint/suspicious/noExplicitAny: properties are as their type has them.
const named = (rules: any[], name: string) => rules.find(({ Name }) => Name === name);

describe('WebAcl.standard', () => {
  test('has AWS judge addresses, known bad inputs and common attacks, each with metrics and samples', () => {
    const { Rules, Scope, DefaultAction } = standard();
    expect(Rules.map(({ Name }: { Name: string }) => Name)).toEqual([
      'AWSManagedRulesAmazonIpReputationList',
      'RequestsPerAddress',
      'AWSManagedRulesKnownBadInputsRuleSet',
      'AWSManagedRulesCommonRuleSet',
    ]);
    expect([Scope, DefaultAction]).toEqual(['REGIONAL', { Allow: {} }]);
    for (const { VisibilityConfig } of Rules) {
      expect(VisibilityConfig).toMatchObject({ CloudWatchMetricsEnabled: true, SampledRequestsEnabled: true });
    }
  });

  test('counts bodies above 8 KB and lets them through: they are what models are sent', () => {
    const { Statement } = named(standard().Rules, 'AWSManagedRulesCommonRuleSet');
    expect(Statement.ManagedRuleGroupStatement.RuleActionOverrides).toEqual([
      { Name: 'SizeRestrictions_BODY', ActionToUse: { Count: {} } },
    ]);
  });

  test('counts further rules that are named', () => {
    const { Rules } = standard({ countedRules: ['CrossSiteScripting_BODY'] });
    const { RuleActionOverrides } = named(Rules, 'AWSManagedRulesCommonRuleSet').Statement.ManagedRuleGroupStatement;
    expect(RuleActionOverrides.map(({ Name }: { Name: string }) => Name)).toEqual([
      'CrossSiteScripting_BODY',
      'SizeRestrictions_BODY',
    ]);
  });

  test.each([
    [undefined, 10_000],
    [500, 500],
  ])('blocks an address that asks too often: %s → %d in five minutes', (requestsPerFiveMinutes, Limit) => {
    const { Statement, Action } = named(standard({ requestsPerFiveMinutes }).Rules, 'RequestsPerAddress');
    expect(Statement.RateBasedStatement).toEqual({ AggregateKeyType: 'IP', EvaluationWindowSec: 300, Limit });
    expect(Action).toEqual({ Block: {} });
  });

  test('refuses a limit that AWS WAF does not take', () => {
    expect(() => standard({ requestsPerFiveMinutes: 9 })).toThrow(
      '[Stack/Platform/Public] WebAcl.standard requestsPerFiveMinutes must be an integer from 10 to 2000000000 (got 9)',
    );
  });
});

describe('countedRules', () => {
  test.each([
    ['', `must be the name of a rule of AWSManagedRulesCommonRuleSet, such as 'CrossSiteScripting_BODY' (got "")`],
    ['CrossSiteScripting', 'must be the name of a rule of AWSManagedRulesCommonRuleSet'],
    ['GenericLFI_BODY', 'is named before (got "GenericLFI_BODY"): leave it out'],
  ])('refuses %j', (name, message) => {
    expect(() => standard({ countedRules: ['GenericLFI_BODY', name] })).toThrow(
      `[Stack/Platform/Public] WebAcl.standard countedRules[1] ${message}`,
    );
  });

  test('may name the rule that is counted anyway', () => {
    expect(standard({ countedRules: ['SizeRestrictions_BODY'] })).toEqual(standard());
  });
});

describe('WebAcl.fromArn', () => {
  test.each([
    [
      'for CloudFront',
      GIVEN.replace('eu-west-1', 'us-east-1').replace('regional', 'global'),
      'must be a regional web ACL',
    ],
    ['of WAF Classic', GIVEN.replace('wafv2', 'waf-regional'), 'must be a regional web ACL'],
    [
      'that is a name',
      'ours',
      `must be a regional web ACL, 'arn:aws:wafv2:<region>:<account>:regional/webacl/<name>/<id>' (got "ours"): one for CloudFront guards no load balancer`,
    ],
    [
      'of another region',
      GIVEN.replace('eu-west-1', 'us-east-1'),
      'is of the region us-east-1, and the load balancer of eu-west-1: give one of there',
    ],
    [
      'of another account',
      GIVEN.replace('123456789012', '210987654321'),
      'is of the account 210987654321, and the load balancer of 123456789012: give one of there',
    ],
    ['left out', undefined as never, 'needs the ARN of a web ACL'],
  ])('refuses one %s', (_, arn, message) => {
    expect(() => guarded(WebAcl.fromArn(arn))).toThrow(`[Stack/Platform/Public] WebAcl.fromArn ${message}`);
  });

  test('takes one that the deployment alone knows', () => {
    expect(only(guarded(WebAcl.fromArn(Fn.importValue('acl'))), ASSOCIATION).WebACLArn).toEqual({
      'Fn::ImportValue': 'acl',
    });
  });
});

describe('the web ACL of a load balancer', () => {
  test('is there when it was asked for', () => {
    guarded(undefined).resourceCountIs(ACL, 0);
    guarded(WebAcl.standard()).resourceCountIs(ASSOCIATION, 1);
  });

  test('may be one that exists', () => {
    const template = guarded(WebAcl.fromArn(GIVEN));
    template.resourceCountIs(ACL, 0);
    expect(only(template, ASSOCIATION).WebACLArn).toBe(GIVEN);
  });

  test('is one, for all APIs that ask for the same', () => {
    const template = guarded(undefined, WebAcl.standard(), WebAcl.standard({ requestsPerFiveMinutes: 10_000 }));
    template.resourceCountIs(ACL, 1);
    template.resourceCountIs(ASSOCIATION, 1);
  });

  test('is refused when another API asks for a different one', () => {
    expect(() => guarded(WebAcl.standard(), WebAcl.fromArn(GIVEN))).toThrow(
      `[Stack/Api1] webAcl is WebAcl.fromArn(${GIVEN}), and Stack/Api0 has WebAcl.standard([10000,["SizeRestrictions_BODY"]]) on the same load balancer, which takes one: give both the same`,
    );
  });

  test("stands in the platform's stack, which may not name one of the API's", () => {
    const app = testApp();
    const shared = stackIn(app, 'Shared');
    const platform = new ModelPlatform(shared, 'Platform', { certificate: certificateIn(shared) });
    const mine = stackIn(app, 'Mine');
    const visibilityConfig = { metricName: 'a', cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true };
    const own = new CfnWebACL(mine, 'Acl', { scope: 'REGIONAL', defaultAction: { allow: {} }, visibilityConfig });
    const access = (webAcl: WebAcl) => Access.public({ auth: Auth.none(), webAcl });
    expect(() => apiIn(mine, { platform, access: access(WebAcl.fromArn(own.attrArn)) }, 'Refused')).toThrow(
      '[Mine/Refused] webAcl Mine/Acl and the platform that needs it are in different stacks, and Mine depends on Shared: define the webAcl in Shared',
    );
  });
});
