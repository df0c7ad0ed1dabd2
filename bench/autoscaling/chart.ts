/**
 * docs/autoscaling.svg: a panel for each trace with the replicas that the load would fill, and those that were ready on
 * each side, in the first run.
 */
import type { Compared } from './comparison';
import type { Moment } from './simulation';

const COLUMNS = 2;
const WIDTH = 430;
const HEIGHT = 190;
const LEFT = 38;
const RIGHT = 24;
const TOP = 30;
const BOTTOM = 24;
const HEAD = 34;
const OURS = '#2b7a4b';
const CORTEX = '#b3402a';
const LOAD = '#d9dee3';

/** From seconds and replicas to the panel's pixels. */
interface Scale {
  readonly seconds: number;
  readonly replicas: number;
}

export function chart(compared: readonly Compared[]): string {
  const rows = Math.ceil(compared.length / COLUMNS);
  const panels = compared.map((one, index) => {
    const [x, y] = [(index % COLUMNS) * WIDTH, HEAD + Math.floor(index / COLUMNS) * HEIGHT];
    return `<g transform="translate(${x} ${y})">\n${panel(one)}\n</g>`;
  });
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${COLUMNS * WIDTH} ${HEAD + rows * HEIGHT}" font-family="sans-serif" font-size="11"><title>Replicas needed and ready in each trace, ours and Cortex's</title>`;
  return [head, '<rect width="100%" height="100%" fill="#fff"/>', legend(), ...panels, '</svg>', ''].join('\n');
}

function legend(): string {
  const marks = [
    [LOAD, 'replicas that the load fills'],
    [OURS, 'ready, ours'],
    [CORTEX, 'ready, Cortex'],
  ] as const;
  return marks
    .map(([colour, said], index) => {
      const x = LEFT + index * 190;
      return `<rect x="${x}" y="10" width="12" height="12" fill="${colour}"/>${text(x + 18, 20, said)}`;
    })
    .join('');
}

function panel({ trace, ours, cortex }: Compared): string {
  const [mine, theirs] = [ours[0].series, cortex[0].series];
  const highest = Math.max(1, ...[...mine, ...theirs].flatMap(({ needed, ready }) => [needed, ready]));
  const scale = { seconds: trace.seconds, replicas: highest * 1.05 };
  const load = mine.map((moment) => `${x(scale, moment.seconds)} ${y(scale, moment.needed)}`);
  return [
    text(LEFT, 16, trace.title, 'font-weight="bold"'),
    `<path d="M${x(scale, 0)} ${y(scale, 0)}L${load.join('L')}V${y(scale, 0)}Z" fill="${LOAD}"/>`,
    ...axes(scale),
    steps(scale, theirs, CORTEX),
    steps(scale, mine, OURS),
  ].join('\n');
}

/** Replicas come and go one by one: a line of steps. */
function steps(scale: Scale, series: readonly Moment[], colour: string): string {
  const [first, ...rest] = series;
  if (first === undefined) return '';
  const path = rest.map(({ seconds, ready }) => `H${x(scale, seconds)}V${y(scale, ready)}`).join('');
  const start = `M${x(scale, first.seconds)} ${y(scale, first.ready)}`;
  return `<path d="${start}${path}" fill="none" stroke="${colour}" stroke-width="1.5"/>`;
}

function axes(scale: Scale): string[] {
  const step = niceStep(scale.replicas / 4);
  const ticks = Array.from({ length: Math.floor(scale.replicas / step) + 1 }, (_, index) => index * step);
  const lines = ticks.map((tick) => {
    const at = y(scale, tick);
    const line = `<path d="M${LEFT} ${at}H${WIDTH - RIGHT}" stroke="${tick === 0 ? '#111' : '#e8e8e8'}"/>`;
    return line + text(LEFT - 5, Number(at) + 4, String(tick), 'text-anchor="end"');
  });
  const [unit, seconds] = scale.seconds > 6 * 3600 ? (['h', 3600] as const) : (['min', 60] as const);
  const end = Math.round(scale.seconds / seconds);
  const times = [0, end / 4, end / 2, (3 * end) / 4, end].map((time) =>
    text(Number(x(scale, time * seconds)), HEIGHT - 8, `${Number(time.toFixed(1))} ${unit}`, 'text-anchor="middle"'),
  );
  return [...lines, ...times];
}

function niceStep(least: number): number {
  return [1, 2, 5, 10, 20, 25, 50, 100, 200, 500].find((step) => step >= least) ?? 1000;
}

function x({ seconds }: Scale, time: number): string {
  return (LEFT + (time / seconds) * (WIDTH - LEFT - RIGHT)).toFixed(1);
}

function y({ replicas }: Scale, count: number): string {
  return (HEIGHT - BOTTOM - (count / replicas) * (HEIGHT - TOP - BOTTOM)).toFixed(1);
}

function text(left: number, base: number, content: string, attributes = ''): string {
  const escaped = content.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  return `<text x="${left}" y="${base}" ${attributes}>${escaped}</text>`;
}
