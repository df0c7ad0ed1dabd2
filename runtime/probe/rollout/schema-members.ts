/** The members of objects: those with a name, those by a pattern of names, and all others. */
import { type Change, type Comparison, inside } from './change';
import { isSchema, type Schema } from './schema';

export function memberChanges(comparison: Comparison, narrow: Schema, wide: Schema): Change[] {
  return new Members(comparison, narrow, wide).changes();
}

class Members {
  readonly #mine: Schema;
  readonly #theirs: Schema;
  /** What members without a name may be; `false` where there are none. */
  readonly #myOthers: unknown;

  constructor(
    private readonly comparison: Comparison,
    private readonly narrow: Schema,
    private readonly wide: Schema,
  ) {
    [this.#mine, this.#theirs] = [membersOf(narrow.properties), membersOf(wide.properties)];
    // A record is written as it is declared: what it answers has no members but these.
    const isRecord = comparison.way === 'got' && narrow.properties !== undefined;
    this.#myOthers = narrow.additionalProperties ?? (isRecord ? false : undefined);
  }

  changes(): Change[] {
    const { comparison } = this;
    const shared = Object.keys(this.#mine).filter((name) => name in this.#theirs);
    return [
      ...this.#required(),
      ...shared.flatMap((name) => inside(`.${name}`, comparison.of(this.#mine[name], this.#theirs[name]))),
      ...this.#unnamedThere(),
      ...(comparison.way === 'sent' ? this.#unnamedHere() : this.#gone()),
      ...this.#patterns(),
      ...this.#others(),
    ];
  }

  #required(): Change[] {
    const promised = listOf(this.narrow.required);
    const missing = listOf(this.wide.required).filter((name) => !promised.includes(name));
    if (this.comparison.way === 'sent') return missing.map((name) => ({ at: `.${name}`, what: 'is required now' }));
    return missing
      .filter((name) => String(name) in this.#mine)
      .map((name) => ({ at: `.${name}`, what: 'may be missing now' }));
  }

  /** What has a name here alone must be what any member may be there. */
  #unnamedThere(): Change[] {
    const names = Object.keys(this.#mine).filter((name) => !(name in this.#theirs));
    return names.flatMap((name) => {
      const patterns = this.#patternsOf(this.wide, name);
      const allowed = patterns.length > 0 ? { allOf: patterns } : this.wide.additionalProperties;
      if (isSchema(allowed)) return inside(`.${name}`, this.comparison.of(this.#mine[name], allowed));
      const isUntaken = allowed === false && this.comparison.way === 'sent';
      return isUntaken ? [{ at: `.${name}`, what: 'is not taken any more' }] : [];
    });
  }

  /** A mapping may have had a member of a name that means something now. */
  #unnamedHere(): Change[] {
    const sent = this.#myOthers;
    if (!isSchema(sent)) return [];
    const names = Object.keys(this.#theirs).filter((name) => !(name in this.#mine));
    return names.flatMap((name) => inside(`.${name}`, this.comparison.of(sent, this.#theirs[name])));
  }

  /** What an old caller may read, and the new version never sends. */
  #gone(): Change[] {
    return Object.keys(this.#theirs)
      .filter((name) => !(name in this.#mine))
      .map((name) => ({ at: `.${name}`, what: 'is gone' }));
  }

  #patterns(): Change[] {
    const [mine, theirs] = [membersOf(this.narrow.patternProperties), membersOf(this.wide.patternProperties)];
    const { additionalProperties: others } = this.wide;
    const changed = Object.entries(mine).flatMap(([pattern, member]) => {
      const allowed = theirs[pattern] ?? (others === false && this.comparison.way === 'got' ? {} : (others ?? {}));
      return inside(`./${pattern}/`, this.comparison.of(member, allowed));
    });
    const added = Object.keys(theirs).filter((pattern) => !(pattern in mine));
    if (this.#myOthers === false && Object.keys(mine).length === 0) return changed;
    const what =
      this.comparison.way === 'sent' ? 'must be as a pattern of names says now' : 'may break its pattern of names';
    return [...changed, ...added.map((pattern) => ({ at: `./${pattern}/`, what }))];
  }

  /** Members without a name of their own: what a `dict[str, float]` holds. */
  #others(): Change[] {
    const { additionalProperties: allowed } = this.wide;
    if (this.#myOthers === false) return [];
    if (isSchema(allowed)) return inside('.*', this.comparison.of(this.#myOthers ?? {}, allowed));
    const areUntaken = allowed === false && this.comparison.way === 'sent';
    return areUntaken ? [{ at: '', what: 'takes no further members any more' }] : [];
  }

  #patternsOf({ patternProperties }: Schema, name: string): unknown[] {
    const patterns = Object.entries(membersOf(patternProperties));
    return patterns.filter(([pattern]) => matches(pattern, name)).map(([, member]) => member);
  }
}

/** What is no pattern here may be one elsewhere, and then limits the member. */
export function matches(pattern: string, text: string, otherwise = true): boolean {
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch {
    return otherwise;
  }
}

function membersOf(members: unknown): Schema {
  return isSchema(members) ? members : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
