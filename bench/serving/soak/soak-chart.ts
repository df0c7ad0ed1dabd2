/** The soak as a picture: memory above, open descriptors below, gateway and workers each a line. */
import type { Point } from './series';

const WIDTH = 860;
const PANEL = 170;
const LEFT = 60;
const GATEWAY = '#2b5f9e';
const WORKERS = '#c07a1c';

interface Line {
  readonly colour: string;
  readonly values: readonly number[];
}

export function soakChart(points: readonly Point[], verdict: string): string {
  const memory = [
    { colour: GATEWAY, values: points.map(({ gatewayBytes }) => gatewayBytes / 2 ** 20) },
    { colour: WORKERS, values: points.map(({ workerBytes }) => workerBytes / 2 ** 20) },
  ];
  const open = [
    { colour: GATEWAY, values: points.map(({ gatewayDescriptors }) => gatewayDescriptors) },
    { colour: WORKERS, values: points.map(({ workerDescriptors }) => workerDescriptors) },
  ];
  const minutes = ((points.at(-1)?.seconds ?? 0) / 60).toFixed(1);
  const height = PANEL * 2 + 90;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="11"><title>Memory and descriptors over time</title>`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    `<text x="8" y="18" font-weight="bold">${minutes} minutes of mixed load</text>`,
    `<text x="8" y="34">${verdict.replace(/&/g, '&amp;').replace(/</g, '&lt;')}</text>`,
    `<text x="${WIDTH - 190}" y="18" fill="${GATEWAY}">gateway</text>`,
    `<text x="${WIDTH - 130}" y="18" fill="${WORKERS}">workers together</text>`,
    panel('resident memory, MiB', memory, 60),
    panel('open descriptors', open, 60 + PANEL + 20),
    '</svg>',
    '',
  ].join('\n');
}

function panel(title: string, lines: readonly Line[], top: number): string {
  const highest = Math.max(1, ...lines.flatMap(({ values }) => values)) * 1.1;
  const bottom = top + PANEL - 20;
  const y = (value: number) => bottom - (value / highest) * (PANEL - 30);
  const paths = lines.map(({ colour, values }) => {
    const step = (WIDTH - LEFT - 10) / Math.max(1, values.length - 1);
    const path = values.map((value, index) => `${(LEFT + index * step).toFixed(1)},${y(value).toFixed(1)}`).join(' ');
    return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="1.2"/>`;
  });
  return [
    `<text x="8" y="${top}">${title}</text>`,
    `<text x="${LEFT - 6}" y="${y(highest / 1.1)}" text-anchor="end">${Math.round(highest / 1.1)}</text>`,
    `<text x="${LEFT - 6}" y="${bottom}" text-anchor="end">0</text>`,
    `<path d="M${LEFT} ${bottom}H${WIDTH - 10}" stroke="#999"/>`,
    ...paths,
  ].join('\n');
}
