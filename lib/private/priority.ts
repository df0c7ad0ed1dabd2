/**
 * The priority of an API's rule on a listener that it shares with others it may not know of. The construct's path
 * decides, which does not move when other APIs come and go.
 */
import { createHash } from 'node:crypto';

/** ALB accepts 1 to 50000. */
export const MAX_PRIORITY = 50_000;

export function priorityOf(path: string): number {
  const hash = createHash('sha256').update(path).digest().readUInt32BE(0);
  return (hash % MAX_PRIORITY) + 1;
}
