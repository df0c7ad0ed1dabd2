/** The order in which CloudFormation defines what a template has, and takes it away: by references and by `DependsOn`. */
import type { Template } from 'aws-cdk-lib/assertions';

type Resources = Record<string, { readonly Type: string; readonly DependsOn?: string | readonly string[] }>;

export class TemplateGraph {
  readonly #resources: Resources;

  constructor(template: Template) {
    this.#resources = template.toJSON().Resources;
  }

  /** Logical ids of a type, those below a path apart from others by what their ids begin with. */
  ids(type: string, prefix = ''): string[] {
    const all = Object.entries(this.#resources).filter(([id, { Type }]) => Type === type && id.startsWith(prefix));
    return all.map(([id]) => id);
  }

  /** Whether the one is there before the other is defined, and still there until that has gone. */
  isAround(one: string, other: string): boolean {
    return this.#before(other, new Set()).has(one);
  }

  /** Everything that has to be there first. Throws where something waits for itself. */
  #before(id: string, seen: Set<string>, way: readonly string[] = []): Set<string> {
    if (way.includes(id)) throw new Error(`${[...way, id].join(' waits for ')}`);
    for (const first of this.#firsts(id)) {
      if (seen.has(first)) continue;
      seen.add(first);
      this.#before(first, seen, [...way, id]);
    }
    return seen;
  }

  #firsts(id: string): string[] {
    const { DependsOn = [], ...rest } = this.#resources[id] ?? {};
    return [...[DependsOn].flat(), ...referencesIn(rest)].filter((one) => one in this.#resources);
  }
}

function referencesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const { Ref, 'Fn::GetAtt': attribute } = value as { Ref?: string; 'Fn::GetAtt'?: [string, string] };
  return [Ref, attribute?.[0]].flatMap((one) => one ?? []).concat(Object.values(value).flatMap(referencesIn));
}
