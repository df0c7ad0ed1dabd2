/**
 * What a platform's stack may name. An API's stack depends on the platform's, so that what the former defines is not
 * there yet when the latter is deployed.
 */
import { Stack, Token } from 'aws-cdk-lib';
import { Construct, type IConstruct } from 'constructs';
import { Check } from './check';

/** Whether the stack of the one may name a part by an id that it has. */
export function reaches(from: IConstruct, api: IConstruct, part: IConstruct, id: string): boolean {
  const [ours, theirs] = [Stack.of(from), Stack.of(api)];
  return ours === theirs || !Token.isUnresolved(id) || Stack.of(part) !== theirs;
}

/** Whether something that may be no construct at all stands in a construct's stack. */
export function isOfStack(something: object, construct: IConstruct): boolean {
  return Construct.isConstruct(something) && Stack.of(something) === Stack.of(construct);
}

/** Throws where the platform's stack cannot name what an API brought. */
export function checkReach(api: IConstruct, from: IConstruct, what: string, part: IConstruct, id: string): void {
  const [ours, theirs] = [Stack.of(from).node.path, Stack.of(api).node.path];
  const check = new Check(api);
  check.that(
    reaches(from, api, part, id),
    `${what} ${part.node.path} and the platform that needs it are in different stacks, and ${theirs} depends on ${ours}: define the ${what} in ${ours}`,
  );
  check.done();
}
