/** Where an API and its platform are deployed, which is one account, one region and one stage. */
import { Stack, Stage } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { Check } from '../private/check';

/** Throws before anything is defined that could not be referred to. */
export function checkPlace(api: IConstruct, platform: IConstruct): void {
  const [ours, theirs] = [Stack.of(api), Stack.of(platform)];
  const check = new Check(api);
  check.that(
    Stage.of(ours) === Stage.of(theirs),
    `platform ${platform.node.path} is in another stage, which is deployed apart: define a platform in the stage of the API`,
  );
  check.that(
    ours.environment === theirs.environment,
    `platform ${platform.node.path} is deployed to ${theirs.environment}, and the API to ${ours.environment}: give both stacks the same env`,
  );
  check.done();
}
