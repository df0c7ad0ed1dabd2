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

/** Why a row may change the rule: it is what was asked for. */
const CHANGES: Record<string, string> = {
  'ServingOptions.path': 'the requests of another path',
  'ModelApiProps.host': 'the requests of another host',
  'ModelApiProps.priority': 'another turn among the rules',
};

/** Rows that move the API to another listener or another host, by the choice they are about. */
const ENTRANCES = /^(Access|Auth|ModelPlatformProps|ModelApiProps\.platform|ModelApiProps\.access)\b|AccessOptions|AuthOptions|JwtClaim/;

/** What an API with two target groups cannot be: the rule only forwards. */
const REFUSED = /Amazon ECS fails a deployment whose rule does anything but forward/;

/** By logical id: how the rules of the two declarations differ; undefined where one of them is refused. */
function changedRules({ before, after }: Pick<Change, 'before' | 'after'>): string[] | undefined {
  try {
    return whileApisHave({ rollout: Rollout.blueGreen({ check: { samples: false } }) }, () => {
      const diff = diffTemplate(templateOf(before), templateOf(after));
      const changed: string[] = [];
      diff.resources.forEachDifference((id, { oldResourceType, newResourceType }) => {
        if ([oldResourceType, newResourceType].includes(RULE)) changed.push(id);
      });
      return changed;
    });
  } catch (error) {
    if (REFUSED.test((error as Error).message)) return undefined;
    throw error;
  }
}

function templateOf(declare: Declare): Record<string, unknown> {
  const stack = stackIn(testApp());
  declare(stack);
  return Template.fromStack(stack).toJSON();
}

/** Rollouts are what the others are edited under; from one kind to another the rule does change, and docs/rollouts.md says how. */
const rows = Object.entries(ROWS).filter(([name]) => !/Rollout\.|RollingOptions\./.test(name));
const inside = rows.filter(([name]) => !(name in CHANGES) && !ENTRANCES.test(name));

describe('no edit touches the rule', () => {
  test.each(inside)('%s', (_, change) => {
    expect(changedRules(change)).toEqual([]);
  });
});

describe('but one that says which requests it is about does', () => {
  test.each(Object.keys(CHANGES))('%s', (name) => {
    expect(changedRules(ROWS[name] as Change)).toHaveLength(1);
  });
});

test('a new rollout of the same kind does not', () => {
  const pairs: [Rollout, Rollout][] = [
    [Rollout.blueGreen(), Rollout.canary({ percent: 5 })],
    [Rollout.canary(), Rollout.linear({ stepPercent: 10 })],
    [Rollout.blueGreen(), Rollout.rolling({ alternateTargetGroup: true })],
  ];
  for (const [one, other] of pairs) {
    const diff = diffTemplate(templateWith(one), templateWith(other));
    const types: (string | undefined)[] = [];
    diff.resources.forEachDifference((_, { oldResourceType, newResourceType }) =>
      types.push(oldResourceType, newResourceType),
    );
    expect(types).not.toContain(RULE);
    expect(types).not.toContain('AWS::ElasticLoadBalancingV2::TargetGroup');
  }
});

function templateWith(rollout: Rollout): Record<string, unknown> {
  return whileApisHave({ rollout }, () => templateOf((stack) => void apiIn(stack)));
}
