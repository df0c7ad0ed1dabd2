/**
 * docs/benchmarks.svg: for every work one bar a peer, how much more (right of the line) or less (left of it) ours answers
 * under the highest closed loop, with the span of the rounds. The scale is logarithmic, so that twice and half are equally
 * long.
 */
import { loadsOf, titleOf } from './report';
import type { Row } from './results';
import { WORKS } from './works';

const WIDTH = 860;
const LABEL = 270;
const VALUE = 150;
const BAR = 13;
const GAP = 4;
const HEAD = 26;
const TOP = 44;
const WIN = '#2b7a4b';
const LOSS = '#b3402a';

interface Group {
  readonly title: string;
  readonly rows: readonly Row[];
}

export function chart(rows: readonly Row[]): string {
  const groups = WORKS.map((work) => groupOf(work.name, work.title, rows)).filter((group) => group.rows.length > 0);
  const scale = new Scale(groups.flatMap((group) => group.rows));
  let y = TOP;
  const parts: string[] = [];
  for (const group of groups) {
    parts.push(text(8, y + 15, group.title, 'font-weight="bold"'));
    y += HEAD;
    for (const row of group.rows) {
      parts.push(bar(row, y, scale));
      y += BAR + GAP;
    }
    y += GAP * 2;
  }
  return document(y, [...grid(scale, y), ...parts]);
}

function groupOf(work: string, title: string, rows: readonly Row[]): Group {
  const load = loadsOf(work).at(-1);
  const shown = rows.filter((row) => row.work === work && row.load === load && row.measure === 'throughput');
  return { title: `${title}, ${load}`, rows: shown };
}

/** From ratios to positions, symmetric around one. */
class Scale {
  readonly #reach: number;

  constructor(rows: readonly Row[]) {
    const farthest = Math.max(
      Math.log(2),
      ...rows.flatMap(({ min, max }) => [Math.abs(Math.log(min)), Math.abs(Math.log(max))]),
    );
    this.#reach = farthest * 1.05;
  }

  x(ratio: number): number {
    const half = (WIDTH - LABEL - VALUE) / 2;
    return LABEL + half + (Math.log(ratio) / this.#reach) * half;
  }

  get ticks(): number[] {
    const all = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100];
    return all.filter((tick) => Math.abs(Math.log(tick)) <= this.#reach);
  }
}

function bar(row: Row, y: number, scale: Scale): string {
  const [one, end] = [scale.x(1), scale.x(row.ratio)];
  const colour = row.ratio >= 1 ? WIN : LOSS;
  const middle = y + BAR / 2;
  const span = `<path d="M${fixed(scale.x(row.min))} ${middle}H${fixed(scale.x(row.max))}" stroke="#111" stroke-width="1.5"/>`;
  const width = fixed(Math.max(0.5, Math.abs(end - one)));
  return [
    text(LABEL - 8, y + 11, `against ${titleOf(row.peer)}`, 'text-anchor="end"'),
    `<rect x="${fixed(Math.min(one, end))}" y="${y}" width="${width}" height="${BAR}" fill="${colour}"/>`,
    span,
    text(WIDTH - VALUE + 12, y + 11, `${row.ratio} [${row.min}–${row.max}]`),
  ].join('\n');
}

function grid(scale: Scale, bottom: number): string[] {
  return scale.ticks.map((tick) => {
    const x = fixed(scale.x(tick));
    const line = `<path d="M${x} ${TOP}V${bottom}" stroke="${tick === 1 ? '#111' : '#ddd'}"/>`;
    return line + text(Number(x), TOP - 6, `${tick}×`, 'text-anchor="middle"');
  });
}

function document(height: number, parts: readonly string[]): string {
  const title = text(
    8,
    18,
    'Throughput: ours divided by the peer’s. Right of the line ours is faster, left of it slower.',
  );
  const head = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height + 12}" font-family="sans-serif" font-size="11"><title>Throughput of ours divided by that of each peer</title>`;
  return [head, '<rect width="100%" height="100%" fill="#fff"/>', title, ...parts, '</svg>', ''].join('\n');
}

function text(x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escaped(content)}</text>`;
}

function escaped(content: string): string {
  return content.replace(/&/g, '&amp;').replace(/</g, '&lt;');
}

function fixed(value: number): string {
  return value.toFixed(1);
}
