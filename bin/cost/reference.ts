/**
 * Follows references between resources of templates: within a stack, from one stack to another's exports, and in and out
 * of nested stacks.
 */
import type { Json, Resource, Stack } from './assembly';

/** A resource with the place where it stands. */
export interface Placed extends Resource {
  readonly stack: Stack;
  readonly id: string;
}

export class References {
  readonly #exports = new Map<string, { stack: Stack; value: Json }>();

  constructor(readonly stacks: readonly Stack[]) {
    for (const stack of stacks) {
      for (const { Export, Value } of Object.values<Json>(stack.outputs)) {
        if (typeof Export?.Name === 'string') this.#exports.set(Export.Name, { stack, value: Value });
      }
    }
  }

  /** Every resource of a type, of all stacks. */
  all(wanted: string): Placed[] {
    return this.stacks.flatMap((stack) =>
      [...stack.resources].filter(([, { type }]) => type === wanted).map(([id]) => placed(stack, id) as Placed),
    );
  }

  /** The resource that a value of this stack's template names, where this assembly defines it. */
  target(stack: Stack, value: Json): Placed | undefined {
    if (typeof value !== 'object' || value === null) return undefined;
    if (typeof value.Ref === 'string') return placed(stack, value.Ref) ?? this.#parameter(stack, value.Ref);
    const attribute = value['Fn::GetAtt'];
    if (attribute) return this.#attribute(stack, typeof attribute === 'string' ? attribute.split('.') : attribute);
    const exported = this.#exports.get(value['Fn::ImportValue']);
    if (exported) return this.target(exported.stack, exported.value);
    // A name made of parts, such as an ARN: whatever the last reference in it names.
    const parts = value['Fn::Join']?.[1] ?? value['Fn::Split'] ?? value['Fn::Select'];
    if (!Array.isArray(parts)) return undefined;
    const found = parts.map((part: Json) => this.target(stack, part)).filter((one: Placed | undefined) => one);
    return found.at(-1);
  }

  #parameter({ around }: Stack, name: string): Placed | undefined {
    if (!around) return undefined;
    const given = around.stack.resources.get(around.id)?.properties.Parameters?.[name];
    return this.target(around.stack, given);
  }

  #attribute(stack: Stack, [id, ...attribute]: string[]): Placed | undefined {
    const nested = stack.nested.get(id ?? '');
    if (!nested) return placed(stack, id ?? '');
    const output = attribute.join('.').replace(/^Outputs\./, '');
    return this.target(nested, nested.outputs[output]?.Value);
  }
}

function placed(stack: Stack, id: string): Placed | undefined {
  const resource = stack.resources.get(id);
  return resource && { ...resource, stack, id };
}

/** Whether a value names a resource of its own stack, anywhere in it. */
export function mentions(value: Json, id: string): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (value.Ref === id || value['Fn::GetAtt']?.[0] === id) return true;
  return Object.values(value).some((part) => mentions(part, id));
}

/** A text with its references as `<LogicalId>`, so that JSON in it can be read. */
export function asText(value: Json): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const joined = value['Fn::Join'];
  if (joined) return joined[1].map(asText).join(joined[0]);
  return `<${value.Ref ?? attributeText(value['Fn::GetAtt']) ?? Object.keys(value)[0]}>`;
}

function attributeText(attribute: Json): string | undefined {
  return Array.isArray(attribute) ? attribute.join('.') : attribute;
}

export function isSame(one: Placed, other: Placed): boolean {
  return one.stack === other.stack && one.id === other.id;
}
