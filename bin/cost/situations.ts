/** The three situations that every cost is given for, and sums over them. */

/**
 * `idle`: the fewest replicas, nobody calls. `target`: as many, each as busy as scaling lets it become. `max`: the most
 * replicas, each as busy.
 */
export const SITUATIONS = ['idle', 'target', 'max'] as const;

export type Situation = (typeof SITUATIONS)[number];

/** A number for each situation: dollars a month unless it says otherwise. */
export type Columns = Readonly<Record<Situation, number>>;

export function columns(of: (situation: Situation) => number): Columns {
  return { idle: of('idle'), target: of('target'), max: of('max') };
}

/** The same whatever happens. */
export function constant(value: number): Columns {
  return columns(() => value);
}

export function sum(all: readonly Columns[]): Columns {
  return columns((situation) => all.reduce((total, one) => total + one[situation], 0));
}

export function times(one: Columns, factor: number): Columns {
  return columns((situation) => one[situation] * factor);
}

/** AWS's own month in its examples of prices. */
export const HOURS_A_MONTH = 730;
