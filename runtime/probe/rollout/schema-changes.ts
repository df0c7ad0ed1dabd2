/**
 * Whether every value of one schema is a value of another. Of what callers send, each that the old version took must be
 * taken by the new one; of what they get, each that the new version gives must be one that the old could have given, but
 * for further members of an object, which a caller passes over. What cannot be told counts as a change that breaks.
 */
import { isDeepStrictEqual } from 'node:util';
import { type Change, type Comparison, inside, type Way } from './change';
import type { Schema } from './schema';
import { type Branch, branchesOf, type Resolve } from './schema-branches';
import { brokenLimits } from './schema-limits';
import { memberChanges } from './schema-members';
import { listedChanges, schemaOfValue } from './schema-values';
import type { Steps } from './steps';

/** A schema in its document. */
export interface Placed {
  readonly schema: unknown;
  readonly resolve: Resolve;
}

/** What two comparisons of the same documents have in common. */
export interface Terms {
  readonly steps: Steps;
  /** Whether a reference means the same in both. */
  readonly sameNames: boolean;
}

/** Of one pair no more are told: a type that is everywhere has its changes everywhere. */
const MOST_CHANGES = 100;

/** Without a type of its own a schema limits values of each of these. */
const LIMITED_TYPES = ['number', 'string', 'array', 'object'];

/** What breaks callers of the old version, each with the place where: `$.features[]`. */
export function schemaChanges(way: Way, before: Placed, after: Placed, terms: Terms): string[] {
  const [narrow, wide] = way === 'sent' ? [before, after] : [after, before];
  const changes = new SchemaComparison(way, narrow.resolve, wide.resolve, terms).of(narrow.schema, wide.schema);
  return [...new Set(changes.map(({ at, what }) => `$${at} ${what}`))];
}

class SchemaComparison implements Comparison {
  /** Pairs that are being compared further up: taken to have no changes until they are through. */
  readonly #open = new Set<string>();
  /** Those of them that were met again, and so taken for granted. */
  readonly #assumed = new Set<string>();
  /** Pairs that are through. */
  readonly #closed = new Map<string, readonly Change[]>();

  constructor(
    readonly way: Way,
    private readonly resolveNarrow: Resolve,
    private readonly resolveWide: Resolve,
    private readonly terms: Terms,
  ) {}

  of(narrow: unknown, wide: unknown): readonly Change[] {
    const [one, other] = [narrow, wide].map((schema) => JSON.stringify(schema) ?? '');
    this.terms.steps.take(1 + Math.ceil(((one as string).length + (other as string).length) / 1000));
    if (this.terms.sameNames && one === other) return [];
    const pair = `${one} ${other}`;
    if (this.#open.has(pair)) {
      this.#assumed.add(pair);
      return [];
    }
    const known = this.#closed.get(pair);
    if (known !== undefined) return known;
    this.#open.add(pair);
    const closedBefore = this.#closed.size;
    const found = this.#ofBranches(narrow, wide).slice(0, MOST_CHANGES);
    this.#open.delete(pair);
    if (found.length > 0 && this.#assumed.has(pair)) this.#forgetSince(closedBefore);
    this.#closed.set(pair, found);
    return found;
  }

  /** Those without changes may have taken for granted that the pair around them has none. */
  #forgetSince(count: number): void {
    for (const [pair, changes] of [...this.#closed].slice(count)) if (changes.length === 0) this.#closed.delete(pair);
  }

  #ofBranches(narrow: unknown, wide: unknown): Change[] {
    const { steps } = this.terms;
    const alternatives = branchesOf(wide, this.resolveWide, steps);
    return branchesOf(narrow, this.resolveNarrow, steps).flatMap((one) => this.#oneOf(one, alternatives));
  }

  /** What keeps the branch from being one of the others: of several that it resembles, nobody knows which was meant. */
  #oneOf(one: Branch, others: readonly Branch[]): Change[] {
    const alike = others.filter(({ type }) => type === undefined || isOf(one.type, type));
    if (alike.length === 0) return [this.#ofType(one, others)];
    const differences: Change[][] = [];
    for (const other of alike) {
      const found = this.#differences(one, other);
      if (found.length === 0) return [];
      differences.push(found);
    }
    const [only] = differences;
    if (differences.length === 1) return only as Change[];
    return [this.#says('fits none of its alternatives now', 'may be of another kind now')];
  }

  #ofType({ type }: Branch, others: readonly Branch[]): Change {
    const [narrow, wide] = [
      type ?? 'anything',
      [...new Set(others.map((other) => other.type))].join(' or ') || 'nothing',
    ];
    return this.#says(`could be ${narrow}, and must be ${wide} now`, `was ${wide}, and may be ${narrow} now`);
  }

  #differences(narrow: Branch, wide: Branch): Change[] {
    if (wide.values !== undefined) return listedChanges(this.way, narrow, wide.values);
    if (narrow.values !== undefined) {
      return narrow.values.flatMap((value) =>
        this.#ofTypes([narrow.type], schemaOfValue(value, wide.schema), wide.schema),
      );
    }
    const type = narrow.type ?? wide.type;
    return this.#ofTypes(type === undefined ? LIMITED_TYPES : [type], narrow.schema, wide.schema);
  }

  #ofTypes(types: readonly (string | undefined)[], narrow: Schema, wide: Schema): Change[] {
    return types.flatMap((type) => {
      const limits = [...brokenLimits(narrow, wide, type), ...this.#untold(narrow, wide)].map((limit) =>
        this.#says(`${limit} now`, `may break its old limit: ${limit}`),
      );
      if (type === 'object') return [...limits, ...memberChanges(this, narrow, wide)];
      return type === 'array' ? [...limits, ...this.#items(narrow, wide)] : limits;
    });
  }

  /** What no comparison here understands must be the same. */
  #untold(narrow: Schema, wide: Schema): string[] {
    const changed = UNTOLD.filter((keyword) => {
      if (wide[keyword] === undefined) return false;
      const refers = JSON.stringify(wide[keyword]).includes('"$ref"');
      return !isDeepStrictEqual(wide[keyword], narrow[keyword]) || (refers && !this.terms.sameNames);
    });
    return changed.map((keyword) => `must be as its ${keyword} says`);
  }

  #items(narrow: Schema, wide: Schema): Change[] {
    const [mine, theirs] = [listOf(narrow.prefixItems), listOf(wide.prefixItems)] as [unknown[], unknown[]];
    const length = Math.max(mine.length, theirs.length);
    const placed = Array.from({ length }, (_, index) =>
      inside(`[${index}]`, this.of(mine[index] ?? narrow.items ?? {}, theirs[index] ?? wide.items ?? {})),
    );
    // That there are no further ones is a limit of their number, which is said elsewhere.
    const rest = wide.items === false ? [] : inside('[]', this.of(narrow.items ?? {}, wide.items ?? {}));
    return [...placed.flat(), ...rest];
  }

  #says(sent: string, got: string): Change {
    return { at: '', what: this.way === 'sent' ? sent : got };
  }
}

/** Keywords of JSON Schema that neither a worker nor a library writes often. */
const UNTOLD = [
  ...['not', 'if', 'then', 'else', 'contains', 'minContains', 'maxContains', 'propertyNames'],
  ...['dependentRequired', 'dependentSchemas', 'unevaluatedItems', 'unevaluatedProperties', 'dependencies'],
];

function isOf(narrow: string | undefined, wide: string): boolean {
  return narrow === wide || (narrow === 'integer' && wide === 'number');
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
