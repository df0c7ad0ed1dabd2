/** What AWS WAF turns away before a load balancer looks at it. One list of rules guards a whole load balancer. */
import { Names, Stack } from 'aws-cdk-lib';
import { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';
import { Check, isKnown } from './private/check';

/** How strict the standard rules are. */
export interface StandardWebAclOptions {
  /**
   * Requests that one IP address may make in five minutes; further ones are answered with 403 until it is fewer again.
   * Callers behind one NAT gateway or proxy are one address.
   *
   * @default 10000
   */
  readonly requestsPerFiveMinutes?: number;

  /**
   * Rules of `AWSManagedRulesCommonRuleSet` that are counted and do not block, such as `CrossSiteScripting_BODY` for a
   * model that reads HTML. `SizeRestrictions_BODY` is always among them: it blocks bodies above 8 KB, and inputs of models
   * are larger; `maxRequestSize` bounds them instead.
   *
   * @default - `SizeRestrictions_BODY` alone
   */
  readonly countedRules?: string[];
}

/** What AWS WAF turns away. */
export abstract class WebAcl {
  /**
   * AWS's managed rules (common attacks, known bad inputs, addresses of bad repute) and a limit for each IP address.
   *
   * It costs some 9 US dollars a month and 0.60 for a million requests. WAF reads the first 8 KB of a body.
   *
   * @param options how strict
   */
  public static standard(options: StandardWebAclOptions = {}): WebAcl {
    return new StandardWebAcl(options);
  }

  /**
   * A web ACL that exists, or that you define yourself: regional, in the load balancer's region and account.
   *
   * @param arn the ARN of the web ACL
   */
  public static fromArn(arn: string): WebAcl {
    return new GivenWebAcl(arn);
  }

  /**
   * Equal for two that ask for the same.
   *
   * @internal
   */
  public abstract readonly _key: string;

  /**
   * The ARN of the web ACL, which is defined below the scope unless it was given.
   *
   * @internal
   */
  public abstract _bind(scope: Construct): string;
}

class GivenWebAcl extends WebAcl {
  public readonly _key: string;

  constructor(private readonly arn: string) {
    super();
    this._key = `WebAcl.fromArn(${arn})`;
  }

  public _bind(scope: Construct): string {
    const check = new Check(scope);
    checkArn(check, this.arn, Stack.of(scope));
    check.done();
    return this.arn;
  }
}

const REGIONAL_ACL = /^arn:[^:]+:wafv2:([^:]+):(\d{12}):regional\/webacl\/[^/]+\/[^/]+$/;

/** One for CloudFront is global, and a load balancer is not told of it before the deployment. */
function checkArn(check: Check, arn: string | undefined, stack: Stack): void {
  check.that(arn !== undefined, 'WebAcl.fromArn needs the ARN of a web ACL');
  if (!isKnown(arn)) return;
  const [matched, region, account] = REGIONAL_ACL.exec(arn) ?? [];
  check.that(
    matched !== undefined,
    `WebAcl.fromArn must be a regional web ACL, 'arn:aws:wafv2:<region>:<account>:regional/webacl/<name>/<id>' (got ${JSON.stringify(arn)}): one for CloudFront guards no load balancer`,
  );
  for (const [name, theirs, ours] of [
    ['region', region, stack.region],
    ['account', account, stack.account],
  ] as const) {
    check.that(
      theirs === undefined || !isKnown(ours) || theirs === ours,
      `WebAcl.fromArn is of the ${name} ${theirs}, and the load balancer of ${ours}: give one of there`,
    );
  }
}

const DEFAULT_RATE = 10_000;
/** What AWS WAF accepts as a limit. */
const [MIN_RATE, MAX_RATE] = [10, 2_000_000_000];
const ALWAYS_COUNTED = 'SizeRestrictions_BODY';
/** Each of them says which part of a request it reads. */
const RULE_NAME = /^[A-Za-z0-9]+(_[A-Za-z0-9]+)+$/;

class StandardWebAcl extends WebAcl {
  public readonly _key: string;
  private readonly rate: number;
  private readonly counted: string[];
  private readonly named: string[];

  constructor({ requestsPerFiveMinutes = DEFAULT_RATE, countedRules = [] }: StandardWebAclOptions) {
    super();
    this.rate = requestsPerFiveMinutes;
    this.named = countedRules;
    this.counted = [...new Set([ALWAYS_COUNTED, ...countedRules])].sort();
    this._key = `WebAcl.standard(${JSON.stringify([this.rate, this.counted])})`;
  }

  public _bind(scope: Construct): string {
    const check = new Check(scope);
    check.integer('WebAcl.standard requestsPerFiveMinutes', this.rate, MIN_RATE, MAX_RATE);
    checkNames(check, this.named);
    check.done();
    const acl = new CfnWebACL(scope, 'WebAcl', {
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: seenAs(`${Names.uniqueResourceName(scope, { maxLength: 100 })}WebAcl`),
      rules: [
        managed(0, 'AmazonIpReputationList'),
        limited(1, this.rate),
        managed(2, 'KnownBadInputsRuleSet'),
        managed(3, 'CommonRuleSet', this.counted),
      ],
    });
    return acl.attrArn;
  }
}

function checkNames(check: Check, names: string[]): void {
  for (const [index, name] of names.entries()) {
    const which = `WebAcl.standard countedRules[${index}]`;
    check.that(
      !isKnown(name) || RULE_NAME.test(name),
      `${which} must be the name of a rule of AWSManagedRulesCommonRuleSet, such as 'CrossSiteScripting_BODY' (got ${JSON.stringify(name)})`,
    );
    check.that(names.indexOf(name) === index, `${which} is named before (got ${JSON.stringify(name)}): leave it out`);
  }
}

/** Metrics and samples are how somebody finds out why a caller was turned away. */
function seenAs(metricName: string): CfnWebACL.VisibilityConfigProperty {
  return { metricName, cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true };
}

function managed(priority: number, rules: string, counted: string[] = []): CfnWebACL.RuleProperty {
  const name = `AWSManagedRules${rules}`;
  const ruleActionOverrides = counted.map((rule) => ({ name: rule, actionToUse: { count: {} } }));
  const group = { vendorName: 'AWS', name, ...(counted.length > 0 && { ruleActionOverrides }) };
  return {
    name,
    priority,
    overrideAction: { none: {} },
    statement: { managedRuleGroupStatement: group },
    visibilityConfig: seenAs(name),
  };
}

function limited(priority: number, limit: number): CfnWebACL.RuleProperty {
  return {
    name: 'RequestsPerAddress',
    priority,
    action: { block: {} },
    statement: { rateBasedStatement: { aggregateKeyType: 'IP', evaluationWindowSec: 300, limit } },
    visibilityConfig: seenAs('RequestsPerAddress'),
  };
}
