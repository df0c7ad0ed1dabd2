/**
 * The order of stacks that share what neither of them defines, such as an imported load balancer. What such a thing takes
 * once stands in the stack that came first, and the others must not be deployed before it.
 */
import { Stack, Stage } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { Check } from './check';

/** Has the stack of the one deployed after that of the other, or throws where it cannot be. */
export function standAfter(api: IConstruct, there: IConstruct, what: string): void {
  const [ours, theirs] = [outermost(api), outermost(there)];
  if (ours === theirs) return;
  const check = new Check(api);
  check.that(
    Stage.of(ours) === Stage.of(theirs) && !waitsFor(theirs, ours),
    `${what} stands in the stack ${theirs.node.path} for ${there.node.path}, and ${ours.node.path} cannot be deployed after it: give both APIs one ModelPlatform, in a stack of its own`,
  );
  check.done();
  ours.addStackDependency(theirs, what);
}

/** A nested stack comes and goes with the one that it is in. */
function outermost(construct: IConstruct): Stack {
  const stack = Stack.of(construct);
  return stack.nestedStackParent ? outermost(stack.nestedStackParent) : stack;
}

function waitsFor(stack: Stack, other: Stack): boolean {
  return stack.dependencies.some((one) => one === other || waitsFor(one, other));
}
