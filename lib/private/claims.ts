/**
 * What APIs of this app have taken on something that they share: a rule on a listener, a certificate, a web ACL. Knows
 * nothing of what others made there, and nothing of what another app imports.
 */
import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** By app, then by what is shared: two imports of one ARN are one. */
const taken = new WeakMap<IConstruct, Map<string, Map<string, unknown>>>();

/** What was claimed of a kind on a shared construct, to be read and added to. */
export function claimsOn<T>(shared: IConstruct, arn: string, kind: string): Map<string, T> {
  const app = shared.node.root;
  const inApp = taken.get(app) ?? new Map<string, Map<string, unknown>>();
  taken.set(app, inApp);
  const key = `${kind} of ${Token.isUnresolved(arn) ? shared.node.addr : arn}`;
  const claims = inApp.get(key) ?? new Map<string, unknown>();
  inApp.set(key, claims);
  return claims as Map<string, T>;
}
