/**
 * What APIs of this app have taken on something that they share: a rule on a listener, a certificate, a web ACL, a
 * name. Knows nothing of what others made there, and nothing of what another app imports.
 */
import { Reference, Stack, Token, Tokenization } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** By app, then by what is shared: two imports of one ARN, or of one name, are one. */
const taken = new WeakMap<IConstruct, Map<string, Map<string, unknown>>>();

/** What was claimed of a kind on a shared construct, to be read and added to. */
export function claimsOn<T>(shared: IConstruct, name: string, kind: string): Map<string, T> {
  const app = shared.node.root;
  const inApp = taken.get(app) ?? new Map<string, Map<string, unknown>>();
  taken.set(app, inApp);
  const key = `${kind} of ${identityOf(shared, name)}`;
  const claims = inApp.get(key) ?? new Map<string, unknown>();
  inApp.set(key, claims);
  return claims as Map<string, T>;
}

/** Text is what it says. A reference is its target; what else only the deployment knows is the same in one environment. */
function identityOf(shared: IConstruct, name: string): string {
  if (!Token.isUnresolved(name)) return name;
  const stack = Stack.of(shared);
  const [reference] = Tokenization.reverseString(name).tokens.filter(Reference.isReference);
  return JSON.stringify([reference ? Stack.of(reference.target).node.addr : stack.environment, stack.resolve(name)]);
}
