/**
 * Amazon ECS owns the weights of a rule once versions take turns: a deployment that wrote the rule again would lead all
 * callers to the first group, where nobody may be. So no prop changes the rule, but for those that say which requests it is
 * about, or on which listener it stands.
 */
import { diffTemplate } from '@aws-cdk/cloudformation-diff';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { Rollout } from '../../lib';
import { testApp } from './assembly';
import { apiIn, stackIn, whileApisHave } from './declaration';
import type { Change, Declare } from './replacement/change';
import { ROWS } from './replacement/rows';

const RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule';

/** The edits that change the rule, and what is asked for by them. */
const CHANGES: Record<string, string> = {
  'Access.internal': 'another load balancer',
  'Access.public': 'another load balancer',
  'ManagedFleetProps.platform': 'another load balancer',
  'ModelApiProps.host': 'the requests of another host',
  'ModelApiProps.platform': 'another load balancer',
  'ModelApiProps.priority': 'another turn among the rules',
  'ModelPlatformProps.listener': 'another listener',
  'ModelPlatformProps.loadBalancer': 'another load balancer',
  'NamedAccessOptions.domainName': 'the requests of another host',
  'ServingOptions.path': 'the requests of another path',
};

/** A load balancer that authenticates: what only forwards cannot have it, so there is no rule that could change. */
const REFUSED = [
  'Access.custom',
  'Auth.jwt',
  'Auth.none',
  'CustomAccessOptions.allowFrom',
  'CustomAccessOptions.auth',
  'CustomAccessOptions.internetFacing',
  'JwtAuthOptions.claims',
  'JwtAuthOptions.issuer',
  'JwtAuthOptions.jwksEndpoint',
  'JwtClaim.format',
  'JwtClaim.name',
  'JwtClaim.values',
];

/** Under one rollout all others are edited; from one kind to another the rule does change, and docs/rollouts.md says how. */
const KINDS = /^(Rollout|RollingOptions|RollbackOptions)\.|^ModelApiProps\.rollout$/;

const names = Object.keys(ROWS).filter((name) => !KINDS.test(name));

/**
 * The rules that lead callers to the API, and differ before and after. The rollout has the rule of all that have two groups,
 * and is refused on no compute.
 */
function changedRules({ before, after }: Pick<Change, 'before' | 'after'>): string[] {
  return whileApisHave({ rollout: Rollout.rolling({ alternateTargetGroup: true }) }, () => {
    const diff = diffTemplate(templateOf(before), templateOf(after));
    const changed: string[] = [];
    diff.resources.forEachDifference((id, { oldResourceType, newResourceType }) => {
      if ([oldResourceType, newResourceType].includes(RULE) && !id.includes('TestRule')) changed.push(id);
    });
    return changed;
  });
}

function templateOf(declare: Declare): Record<string, unknown> {
  const stack = stackIn(testApp());
  declare(stack);
  return Template.fromStack(stack).toJSON();
}

describe('no edit touches the rule', () => {
  test.each(names.filter((name) => !(name in CHANGES) && !REFUSED.includes(name)))('%s', (name) => {
    expect(changedRules(ROWS[name] as Change)).toEqual([]);
  });
});

describe('but one that says where it stands or which requests it is about does', () => {
  test.each(Object.entries(CHANGES))('%s: %s', (name) => {
    expect(changedRules(ROWS[name] as Change)).not.toEqual([]);
  });
});

describe('nor is there a rule that authenticates', () => {
  test.each(REFUSED)('%s', (name) => {
    expect(() => changedRules(ROWS[name] as Change)).toThrow(
      'Amazon ECS fails a deployment whose rule does anything but forward',
    );
  });
});

describe('between kinds of rollout with two groups nothing is written that the load balancer has', () => {
  const withRollout = (rollout: Rollout) =>
    whileApisHave({ rollout }, () => templateOf((stack) => void apiIn(stack, { path: '/iris' })));

  test.each<[string, Rollout, Rollout]>([
    ['blue/green and canary', Rollout.blueGreen(), Rollout.canary({ percent: 5 })],
    ['canary and linear', Rollout.canary(), Rollout.linear({ stepPercent: 10 })],
    ['blue/green and rolling', Rollout.blueGreen(), Rollout.rolling({ alternateTargetGroup: true })],
  ])('%s', (_, one, other) => {
    const types: (string | undefined)[] = [];
    diffTemplate(withRollout(one), withRollout(other)).resources.forEachDifference((_id, difference) => {
      types.push(difference.oldResourceType, difference.newResourceType);
    });
    expect(types.filter((type) => type?.startsWith('AWS::ElasticLoadBalancingV2::'))).toEqual([]);
    expect(types).toContain('AWS::ECS::Service');
  });
});
