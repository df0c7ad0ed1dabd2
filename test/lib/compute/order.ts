/** In which order CloudFormation makes the resources of a template, which it takes away in the reverse order. */
import type { Json } from '../whole-apps';

/** Whether the one is made only when the other is there, and so taken away before it. */
export function comesAfter(template: Json, one: string, other: string): boolean {
  const seen = new Set<string>();
  const waiting = [one];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    for (const needed of neededBy(template, id)) {
      if (needed === other) return true;
      if (!seen.has(needed)) waiting.push(needed);
      seen.add(needed);
    }
  }
  return false;
}

function neededBy(template: Json, id: string): string[] {
  const { DependsOn = [], Properties } = template.Resources[id] ?? {};
  return [...[DependsOn].flat(), ...namesIn(Properties)].filter((name) => name in template.Resources);
}

function namesIn(value: Json): string[] {
  if (typeof value === 'string') return [...value.matchAll(/\$\{(\w+)/g)].map(([, name]) => name as string);
  if (typeof value !== 'object' || value === null) return [];
  const { Ref, 'Fn::GetAtt': attribute } = value;
  return [...(Ref ? [Ref] : []), ...(attribute ? [attribute[0]] : []), ...Object.values(value).flatMap(namesIn)];
}
