/**
 * A property as the template will have it, for rules to ask. What only the deployment knows is open: it answers every
 * question with undefined, so that no rule judges it by accident.
 */

/** What ends a text, and whether there is anything before it. */
export interface Ending {
  readonly text: string;
  readonly isWhole: boolean;
}

/** What nobody can know at synthesis. */
const OPEN = { 'Fn::Open': [] };

export class Property {
  constructor(private readonly value: unknown) {}

  /** Inside it, name by name. Inside an open one everything is open. */
  public at(...names: string[]): Property {
    return names.reduce<Property>((within, name) => within.inside(name), this);
  }

  private inside(name: string): Property {
    if (this.isOpen) return this;
    return new Property(isObject(this.value) ? this.value[name] : undefined);
  }

  /** The elements of a list; none of an open one. */
  public get items(): Property[] {
    return Array.isArray(this.value) ? this.value.map((item) => new Property(item)) : [];
  }

  /** Of a list of names and values, the value of a name; open where an element is that might have it. */
  public valueOf(name: string): Property {
    const pairs = this.items;
    const pair = pairs.find((one) => (one.at('Key').text ?? one.at('Name').text) === name);
    if (pair) return pair.at('Value');
    const mayBeThere = this.isOpen || pairs.some((one) => one.at('Key').isOpen || one.at('Name').isOpen);
    return new Property(mayBeThere ? OPEN : undefined);
  }

  public get isGiven(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  public get isOpen(): boolean {
    return isIntrinsic(this.value);
  }

  public get text(): string | undefined {
    return typeof this.value === 'string' ? this.value : undefined;
  }

  /** CloudFormation takes numbers as text too. */
  public get number(): number | undefined {
    if (typeof this.value === 'number') return this.value;
    return this.text !== undefined && /^\d+(\.\d+)?$/.test(this.text) ? Number(this.text) : undefined;
  }

  public get flag(): boolean | undefined {
    if (typeof this.value === 'boolean') return this.value;
    return this.text === 'true' || this.text === 'false' ? this.text === 'true' : undefined;
  }

  /** The path of the construct that the whole of it names. */
  public get target(): string | undefined {
    return targetOf(this.value);
  }

  /** The paths of the constructs that anything in it names. */
  public get targets(): string[] {
    return targetsIn(this.value);
  }

  /** The pieces of a text; those that only the deployment knows are undefined. */
  public get pieces(): (string | undefined)[] {
    if (!isObject(this.value)) return [this.text];
    const { 'Fn::Join': join, 'Fn::Sub': sub } = this.value;
    if (Array.isArray(join) && join[0] === '' && Array.isArray(join[1])) return join[1].map((piece) => textOf(piece));
    if (typeof sub === 'string') {
      return sub.split(/(\$\{[^}]*\})/).map((piece) => (piece.startsWith('${') ? undefined : piece));
    }
    return [undefined];
  }

  /** The text at its end, where that is known. */
  public get ending(): Ending | undefined {
    const { pieces } = this;
    const text = pieces.at(-1);
    return text ? { text, isWhole: pieces.length === 1 } : undefined;
  }

  /** Whether the text stands anywhere in it. */
  public mentions(text: string): boolean {
    return this.isGiven && JSON.stringify(this.value).includes(text);
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isIntrinsic(value: unknown): boolean {
  if (!isObject(value)) return false;
  const [name = '', ...others] = Object.keys(value);
  return others.length === 0 && (name === 'Ref' || name.startsWith('Fn::'));
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function targetOf(value: unknown): string | undefined {
  const named = isObject(value) ? value['Fn::GetAtt'] : undefined;
  return Array.isArray(named) ? textOf(named[0]) : undefined;
}

function targetsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const target = targetOf(value);
  return target === undefined ? Object.values(value).flatMap(targetsIn) : [target];
}
