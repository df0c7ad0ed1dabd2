/**
 * The limits of replicas over a week, where schedules change them. Each scheduled action is in force until the next one
 * comes; what is given is the average over the hours of a week. Only what repeats weekly has one.
 */
import type { Json } from './assembly';

export interface Limits {
  readonly min: number;
  readonly max: number;
}

interface Change extends Partial<Limits> {
  /** Minutes of the week, from Sunday 0:00. */
  readonly at: readonly number[];
}

const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const MINUTES_A_WEEK = 7 * 24 * 60;

/**
 * The average of both limits; undefined where an action does not repeat weekly, or actions have different time zones: then
 * none is taken into account.
 */
export function averageLimits(base: Limits, actions: readonly Json[]): Limits | undefined {
  if (new Set(actions.map(({ Timezone = 'UTC' }) => Timezone)).size > 1) return undefined;
  const changes: Change[] = [];
  for (const { Schedule, ScalableTargetAction } of actions) {
    const at = minutesOf(Schedule);
    const { MinCapacity: min, MaxCapacity: max } = ScalableTargetAction ?? {};
    if (!at || ![min, max].every((one) => one === undefined || typeof one === 'number')) return undefined;
    changes.push({ at, min, max });
  }
  return averageOver(base, changes);
}

/** The week is walked twice: what is in force on Sunday night is what Saturday left. */
function averageOver(base: Limits, changes: readonly Change[]): Limits {
  const moments = changes.flatMap(({ at, min, max }) => at.map((minute) => ({ minute, min, max })));
  moments.sort((one, other) => one.minute - other.minute);
  let now = base;
  let last = 0;
  let total = { min: 0, max: 0 };
  const pass = (until: number) => {
    total = { min: total.min + now.min * (until - last), max: total.max + now.max * (until - last) };
    last = until;
  };
  for (const isSecond of [false, true]) {
    for (const { minute, min = now.min, max = now.max } of moments) {
      if (isSecond) pass(minute);
      now = { min, max };
    }
  }
  pass(MINUTES_A_WEEK);
  return { min: total.min / MINUTES_A_WEEK, max: total.max / MINUTES_A_WEEK };
}

/** `cron(minute hour day month weekday year)`, of which day, month and year must be any. */
function minutesOf(schedule: Json): number[] | undefined {
  const [, fields] = /^cron\((.+)\)$/.exec(String(schedule)) ?? [];
  const [minute, hour, day, month, weekday, year] = fields?.trim().split(/\s+/) ?? [];
  if (year !== '*' || month !== '*' || (day !== '*' && day !== '?')) return undefined;
  const [minutes, hours] = [valuesOf(minute, 0, 59), valuesOf(hour, 0, 23)];
  // AWS counts days from Sunday, 1.
  const days = valuesOf(named(weekday), 1, 7);
  if (!minutes || !hours || !days) return undefined;
  return days.flatMap((d) => hours.flatMap((h) => minutes.map((m) => ((d - 1) * 24 + h) * 60 + m)));
}

function named(weekday = ''): string {
  return weekday.toUpperCase().replace(/[A-Z]{3}/g, (name) => String(DAYS.indexOf(name) + 1));
}

function valuesOf(field: string | undefined, first: number, last: number): number[] | undefined {
  const parts = (field ?? '').split(',').map((part) => rangeOf(part, first, last));
  return parts.includes(undefined) ? undefined : (parts as number[][]).flat();
}

/** `*`, `?`, `5`, `1-5`, and any of them with a step: `0/15`. */
function rangeOf(part: string, first: number, last: number): number[] | undefined {
  const match = /^(?:([*?])|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part);
  if (!match) return undefined;
  const [, any, from, to, step] = match;
  const start = any ? first : Number(from);
  const end = any || (step && !to) ? last : Number(to ?? from);
  const every = Number(step ?? 1);
  if (every < 1 || start < first || end > last || end < start) return undefined;
  return Array.from({ length: Math.floor((end - start) / every) + 1 }, (_, index) => start + index * every);
}
