/**
 * The priority of an API's rule on a listener that it shares with others it may not know of.
 *
 * A load balancer takes the first rule that matches, so a longer path must come before a shorter one: `/a/b` before
 * `/a`, and `/` last. Within one depth the construct's path decides, which neither moves when other APIs come and go
 * nor needs to know them.
 */
import { createHash } from 'node:crypto';
import type { IConstruct } from 'constructs';
import { basePathOf } from './overlay-of';

/** ALB accepts 1 to 50000; ten depths share them evenly. */
export const MAX_PRIORITY = 50_000;
const DEPTHS = 10;
const BAND = MAX_PRIORITY / DEPTHS;

export function priorityOf(scope: IConstruct, path?: string): number {
  const depth = Math.min(basePathOf(path).split('/').length - 1, DEPTHS - 1);
  const hash = createHash('sha256').update(scope.node.path).digest().readUInt32BE(0);
  return (DEPTHS - 1 - depth) * BAND + (hash % BAND) + 1;
}
