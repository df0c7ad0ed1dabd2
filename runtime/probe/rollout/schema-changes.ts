/**
 * Whether every value of one schema is a value of another. Of what callers send, each that the old version took must be
 * taken by the new one; of what they get, each that the new version gives must be one that the old could have given, but
 * for further members of an object, which a caller passes over. In doubt, nothing is said.
 */
import { isDeepStrictEqual } from 'node:util';
import { type Branch, branchesOf, isSchema, type Resolve, type Schema } from './schema-branches';
import { brokenLimits } from './schema-limits';

/** Sent by callers, or got by them. */
export type Way = 'sent' | 'got';

/** A schema in its document. */
export interface Placed {
  readonly schema: unknown;
  readonly resolve: Resolve;
}

/** What breaks callers of the old version, each with the place where: `$.features[]`. */
export function schemaChanges(way: Way, before: Placed, after: Placed): string[] {
  const [narrow, wide] = way === 'sent' ? [before, after] : [after, before];
  return [...new Set(new Comparison(way, narrow.resolve, wide.resolve).of(narrow.schema, wide.schema, '$'))];
}

class Comparison {
  /** Pairs of references that are being compared further up: what a recursive type is made of is asked once. */
  readonly #open = new Set<string>();

  constructor(
    private readonly way: Way,
    private readonly resolveNarrow: Resolve,
    private readonly resolveWide: Resolve,
  ) {}

  of(narrow: unknown, wide: unknown, at: string): string[] {
    const pair = JSON.stringify([narrow, wide]);
    if (this.#open.has(pair)) return [];
    this.#open.add(pair);
    const alternatives = branchesOf(wide, this.resolveWide);
    const found = branchesOf(narrow, this.resolveNarrow).flatMap((one) => this.#oneOf(one, alternatives, at));
    this.#open.delete(pair);
    return found;
  }

  /** What keeps the branch from being one of the others: of several that it resembles, nobody knows which was meant. */
  #oneOf(one: Branch, others: readonly Branch[], at: string): string[] {
    if (others.some(({ type }) => type === undefined)) return [];
    const alike = others.filter(({ type }) => type === one.type || (type === 'number' && one.type === 'integer'));
    if (alike.length === 0) return [this.#ofType(one, others, at)];
    const differences = alike.map((other) => this.#differences(one, other, at));
    if (differences.some((found) => found.length === 0)) return [];
    const [only] = differences;
    if (differences.length === 1) return only as string[];
    return [this.way === 'sent' ? `${at} fits none of its alternatives now` : `${at} may be of another kind now`];
  }

  #ofType({ type }: Branch, others: readonly Branch[], at: string): string {
    const [narrow, wide] = [
      type ?? 'anything',
      [...new Set(others.map((other) => other.type))].join(' or ') || 'nothing',
    ];
    return this.way === 'sent'
      ? `${at} could be ${narrow}, and must be ${wide} now`
      : `${at} was ${wide}, and may be ${narrow} now`;
  }

  #differences(narrow: Branch, wide: Branch, at: string): string[] {
    const listed = this.#values(narrow, wide, at);
    if (listed !== undefined) return listed;
    const limits = brokenLimits(narrow.schema, wide.schema, wide.type as string).map((limit) =>
      this.way === 'sent' ? `${at} ${limit} now` : `${at} may break its old limit: ${limit}`,
    );
    if (wide.type === 'object') return [...limits, ...this.#members(narrow.schema, wide.schema, at)];
    return wide.type === 'array' ? [...limits, ...this.#items(narrow.schema, wide.schema, at)] : limits;
  }

  /** Undefined where neither lists its values, or where the one that does is within any. */
  #values(narrow: Branch, wide: Branch, at: string): string[] | undefined {
    if (wide.values === undefined) return narrow.values && [];
    const allowed = wide.values;
    const shown = allowed.map((value) => JSON.stringify(value)).join(', ');
    if (narrow.values === undefined) {
      return [
        this.way === 'sent' ? `${at} must be one of ${shown} now` : `${at} was one of ${shown}, and may be another now`,
      ];
    }
    const added = narrow.values.filter((value) => !allowed.some((one) => isDeepStrictEqual(one, value)));
    return added.map((value) =>
      this.way === 'sent'
        ? `${at} may not be ${JSON.stringify(value)} any more`
        : `${at} may be ${JSON.stringify(value)} now`,
    );
  }

  #members(narrow: Schema, wide: Schema, at: string): string[] {
    const [mine, theirs] = [membersOf(narrow), membersOf(wide)];
    const shared = Object.keys(mine).filter((name) => name in theirs);
    return [
      ...this.#required(narrow, wide, at),
      ...shared.flatMap((name) => this.of(mine[name], theirs[name], `${at}.${name}`)),
      ...(this.way === 'sent' ? this.#untaken(narrow, wide, at) : gone(mine, theirs, at)),
      ...this.#others(narrow, wide, at),
    ];
  }

  #required(narrow: Schema, wide: Schema, at: string): string[] {
    const promised = listOf(narrow.required);
    const missing = listOf(wide.required).filter((name) => !promised.includes(name));
    if (this.way === 'sent') return missing.map((name) => `${at}.${name} is required now`);
    return missing
      .filter((name) => String(name) in membersOf(narrow))
      .map((name) => `${at}.${name} may be missing now`);
  }

  #untaken(narrow: Schema, wide: Schema, at: string): string[] {
    if (wide.additionalProperties !== false) return [];
    const names = Object.keys(membersOf(narrow)).filter((name) => !(name in membersOf(wide)));
    const untaken = names.map((name) => `${at}.${name} is not taken any more`);
    return narrow.additionalProperties === false ? untaken : [...untaken, `${at} takes no further members any more`];
  }

  /** Members without a name of their own: what a `dict[str, float]` holds. */
  #others(narrow: Schema, wide: Schema, at: string): string[] {
    const { additionalProperties: allowed } = wide;
    if (!isSchema(allowed) || narrow.additionalProperties === false) return [];
    return this.of(narrow.additionalProperties ?? {}, allowed, `${at}.*`);
  }

  #items(narrow: Schema, wide: Schema, at: string): string[] {
    const [mine, theirs] = [listOf(narrow.prefixItems), listOf(wide.prefixItems)] as [unknown[], unknown[]];
    const length = Math.max(mine.length, theirs.length);
    const placed = Array.from({ length }, (_, index) =>
      this.of(mine[index] ?? narrow.items ?? {}, theirs[index] ?? wide.items ?? {}, `${at}[${index}]`),
    );
    // That there are no further ones is a limit of their number, which is said elsewhere.
    const rest = wide.items === false ? [] : this.of(narrow.items ?? {}, wide.items ?? {}, `${at}[]`);
    return [...placed.flat(), ...rest];
  }
}

/** What an old caller may read, and the new version never sends. */
function gone(after: Schema, before: Schema, at: string): string[] {
  return Object.keys(before)
    .filter((name) => !(name in after))
    .map((name) => `${at}.${name} is gone`);
}

function membersOf({ properties }: Schema): Schema {
  return isSchema(properties) ? properties : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
