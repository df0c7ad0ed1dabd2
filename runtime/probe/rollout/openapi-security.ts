/** Whether who could call an operation by what he had still can. */
import { isSchema } from './schema';

/** Undefined where nobody is kept out. Each list says the ways in; of none, or by an empty one, everybody is in. */
export function securityChange(before: unknown, after: unknown): string | undefined {
  const [old, now] = [waysOf(before), waysOf(after)];
  const isOpen = (way: readonly string[]) => now.some((asked) => asked.every((name) => way.includes(name)));
  if (old.every(isOpen)) return undefined;
  return old.some((way) => way.length === 0) ? 'a key is asked for now' : 'another key is asked for now';
}

function waysOf(security: unknown): string[][] {
  const ways = (Array.isArray(security) ? security : []).filter(isSchema).map((way) => Object.keys(way));
  return ways.length > 0 ? ways : [[]];
}
