/**
 * What APIs of this app have taken on a listener that they share: a priority, a path. Knows nothing of rules that others
 * made, and nothing of a second import of the same listener.
 */
import type { IConstruct } from 'constructs';

const taken = new WeakMap<IConstruct, Map<string, string>>();

/** Remembers what the construct takes; answers the path of the construct that has taken the same before. */
export function claim(listener: IConstruct, what: string, scope: IConstruct): string | undefined {
  const claims = taken.get(listener) ?? new Map<string, string>();
  taken.set(listener, claims);
  const other = claims.get(what);
  if (other === undefined) claims.set(what, scope.node.path);
  return other;
}
