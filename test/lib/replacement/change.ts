/**
 * A declaration before and after somebody edits one prop of it, and what CloudFormation would replace or take away on
 * the way from one to the other, as `cdk diff` knows it. It does not know what an update in place costs.
 */
import { diffTemplate, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { type ModelApiProps, ModelPlatform, type ModelPlatformProps } from '../../../lib';
import { testApp } from '../assembly';
import { apiIn, stackIn } from '../declaration';

export type Declare = (stack: Stack) => void;
export type ApiProps = (stack: Stack) => Partial<ModelApiProps>;
export type PlatformProps = (stack: Stack) => ModelPlatformProps;

/** What a change may replace or take away, as `impact type` or `*` for anything, and why nobody is surprised by it. */
export type Reasons = Readonly<Record<string, string>>;

export interface Change {
  readonly before: Declare;
  readonly after: Declare;
  readonly replaces: Reasons;
}

const nothing = () => ({});

/** A prop of an API that is said where nothing was, or something else. */
export function ofApi(after: ApiProps, before: ApiProps = nothing, replaces: Reasons = {}): Change {
  const declare = (props: ApiProps) => (stack: Stack) => void apiIn(stack, props(stack));
  return { before: declare(before), after: declare(after), replaces };
}

/** The same of a platform with one API. */
export function ofPlatform(
  after: PlatformProps,
  before: PlatformProps = nothing,
  replaces: Reasons = {},
  api: ApiProps = nothing,
): Change {
  const declare = (props: PlatformProps) => (stack: Stack) => {
    apiIn(stack, { platform: new ModelPlatform(stack, 'Platform', props(stack)), ...api(stack) });
  };
  return { before: declare(before), after: declare(after), replaces };
}

/** Types that a deployment may replace or take away: no request waits for one, and none holds anything. */
const PASSING: Reasons = {
  'AWS::ECS::TaskDefinition': 'each change makes a new revision, which the service rolls out',
  'AWS::EC2::SecurityGroupEgress': 'a rule goes with the group whose rule it is, or whom it names',
  'AWS::EC2::SecurityGroupIngress': 'a rule goes with the group whose rule it is, or whom it names',
  'AWS::IAM::Policy': 'a policy goes with the role or the permission that it is of',
};

const IMPACTS: Partial<Record<ResourceImpact, string>> = {
  [ResourceImpact.WILL_REPLACE]: 'replaces',
  [ResourceImpact.MAY_REPLACE]: 'may replace',
  [ResourceImpact.WILL_DESTROY]: 'takes away',
  [ResourceImpact.WILL_ORPHAN]: 'lets go of',
};

export interface Difference {
  /** Whether the edit reaches the template at all. */
  readonly any: boolean;
  /** `impact type`, each once, sorted. */
  readonly replaced: string[];
}

export function differenceOf({ before, after }: Pick<Change, 'before' | 'after'>): Difference {
  const diff = diffTemplate(templateOf(before), templateOf(after));
  const replaced: string[] = [];
  diff.resources.forEachDifference((_, { changeImpact, oldResourceType: type = '' }) => {
    const impact = IMPACTS[changeImpact];
    if (impact !== undefined && !(type in PASSING)) replaced.push(`${impact} ${type}`);
  });
  return { any: diff.differenceCount > 0, replaced: [...new Set(replaced)].sort() };
}

function templateOf(declare: Declare): Record<string, unknown> {
  const stack = stackIn(testApp());
  declare(stack);
  return Template.fromStack(stack).toJSON();
}
