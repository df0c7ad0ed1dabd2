/** docs/benchmarks.md from the rows of the results: the targets first, then every work, losses as plain as wins. */
import { BEST_BATCHING } from './gates';
import { nameOf } from './measures';
import { ALL } from './peers';
import type { Results, Row, Versions } from './results';
import { WORKS } from './works';

const COLUMNS = [
  ['throughput', 'throughput'],
  ['goodput', 'goodput'],
  ['p50', 'p50'],
  ['p99', 'p99'],
  ['cpu_us_per_request', 'CPU a request'],
  ['rss', 'memory'],
] as const;

/** Ratios below one are good for these. */
const LOWER_IS_BETTER = ['p50', 'p99', 'cpu_us_per_request', 'rss', 'time_to_ready', 'shed_p99'];

export interface ReportOptions {
  readonly chart: string;
  /** The picture of the last soak, when there is one. */
  readonly soak?: string;
  /** Server and work to the reason why there is no number. */
  readonly absent: ReadonlyMap<string, string>;
}

export function report(results: Results, { chart, soak, absent }: ReportOptions): string {
  const { rows, versions } = results;
  return [
    INTRODUCTION,
    `![Throughput of ours divided by each peer's](${chart})`,
    '## Targets',
    targets(rows),
    '## Every work',
    HOW_TO_READ,
    ...WORKS.map(({ name, title }) =>
      section(
        title,
        rows.filter(({ work }) => work === name),
      ),
    ),
    soak === undefined ? '' : `## Ten minutes of mixed load\n\n![Memory and descriptors](${soak})`,
    '## What was not measured',
    notMeasured(absent),
    '## Versions',
    versionTable(versions),
    METHOD,
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
}

const INTRODUCTION = `# Benchmarks

What \`npm run bench:serving\` measured: this gateway with one Python worker beside other servers of Python models, each in
its best documented shape, on the same work, in one run on one machine. Written by that command; numbers are never edited.
Ratios hold far better across machines than rates do, so that only ratios are given.`;

const HOW_TO_READ = `Each cell is ours divided by the peer's: the median of the rounds and, in brackets, the lowest and the
highest. For throughput and goodput above 1 is better; for p50, p99, CPU and memory below 1 is. **+** is better in every
round, **−** is worse in every round, without a sign it was both. Peers with 2 workers are compared with ours with 2.
Goodput counts answers that came within the deadline of 2 s; open loops run at shares of each server's own peak, so that
their goodput compares servers at different rates.`;

const METHOD = `## How it is measured

- **Rerun**: \`npm run bench:serving\`; \`-- --minutes 25\` for as many rounds as fit, \`-- --only gates\` for the special
  gates, \`-- --quick\` to see that it works. It makes a virtual environment for each peer once. wrk must be installed.
- **Order**: every server of a work is started, and frozen (SIGSTOP) except in its turn. Rounds go A B C, B C A, …, and two
  servers are compared within a round only.
- **Closed loop** (\`c=1, 8, 64\`): wrk, one thread, keep-alive, a second a slice after a warm-up that is dropped. wrk
  corrects its percentiles for requests that it could not send while it waited. Driver and server share the machine's
  cores, which is harder for a server of two processes than of one.
- **Open loop**: requests are due at a constant rate, at 50, 100 and 150 % of the server's own closed-loop peak, over at
  most 400 connections; time counts from when a request was due, and is up to 1 ms too long for everybody.
- **CPU a request**: user and system time of the server's whole process tree. **Memory**: its proportional set size.
- **Same for all**: access logs off (ours writes up to 50 lines a second), one worker process and one thread of linear
  algebra unless the row says otherwise, the same model code, request bodies of the same content.
- **Bodies** are checked for the right answer before a server is measured; a slice with more than 0.1 % failures counts as
  no measurement.`;

function targets(rows: readonly Row[]): string {
  const aimed = rows.filter((row) => row.target !== undefined);
  if (aimed.length === 0) return 'None of the works with a target was measured.';
  const lines = aimed.map((row) => {
    const required = row.target?.startsWith('stretch') ? '' : 'gate';
    const outcome = row.met ? 'met' : '**missed**';
    const cells = [row.work, row.load, row.measure, titleOf(row.peer), cell(row), row.target, required, outcome];
    return `| ${cells.join(' | ')} |`;
  });
  return table(['work', 'load', 'measure', 'against', 'ratio', 'target', 'kind', 'outcome'], lines);
}

function section(title: string, rows: readonly Row[]): string {
  if (rows.length === 0) return '';
  const loads = [...new Set(rows.map(({ load }) => load))].filter((load) => load !== 'start');
  const peers = [...new Set(rows.map(({ peer }) => peer))];
  const lines = loads.flatMap((load) =>
    peers.flatMap((peer) => {
      const found = COLUMNS.map(([measure]) =>
        rows.find((row) => row.load === load && row.peer === peer && row.measure === measure),
      );
      if (found.every((row) => row === undefined)) return [];
      return [`| ${[load, titleOf(peer), ...found.map((row) => (row ? signed(row) : ''))].join(' | ')} |`];
    }),
  );
  const heading = table(['load', 'against', ...COLUMNS.map(([, name]) => name)], lines);
  return `### ${title}\n\n${heading}\n\n${starts(rows)}`.trim();
}

function starts(rows: readonly Row[]): string {
  const ready = rows.filter(({ measure }) => measure === 'time_to_ready');
  if (ready.length === 0) return '';
  return `Time to ready (one start): ${ready.map((row) => `${titleOf(row.peer)} ${row.ratio}`).join('; ')}.`;
}

function notMeasured(absent: ReadonlyMap<string, string>): string {
  const always =
    'Not run at all: Triton Inference Server, KServe, TorchServe, SageMaker endpoints; anything on a GPU; TLS and HTTP/2.';
  const blanks = ALL.filter(
    (peer) => peer.against !== undefined && peer.blank !== '' && !peer.name.endsWith('-batching'),
  )
    .map((peer) => [peer, WORKS.filter(({ name }) => !peer.works.includes(name)).map(({ name }) => name)] as const)
    .filter(([, works]) => works.length > 0)
    .map(([peer, works]) => `- ${peer.title}: ${works.join(', ')}: ${peer.blank}.`);
  const failed = [...absent].map(([what, reason]) => `- ${what}: could not be measured here: ${reason}`);
  return [always, [...blanks, ...failed].join('\n')].join('\n\n');
}

function versionTable(versions: Versions): string {
  const lines = Object.entries(versions)
    .filter(([name]) => name !== 'not measured')
    .map(([name, value]) => {
      const text = typeof value === 'object' ? Object.entries(value).map((pair) => pair.join(' ')) : [value];
      return `| ${name} | ${text.join(', ')} |`;
    });
  return table(['what', 'version'], lines);
}

function cell({ ratio, min, max }: Row): string {
  return min === max ? `${ratio}` : `${ratio} [${min}–${max}]`;
}

function signed(row: Row): string {
  const lower = LOWER_IS_BETTER.includes(row.measure);
  const [worst, best] = lower ? [1 / row.max, 1 / row.min] : [row.min, row.max];
  const sign = worst > 1 ? '+ ' : best < 1 ? '− ' : '';
  return `${sign}${cell(row)}`;
}

export function titleOf(peer: string): string {
  if (peer === BEST_BATCHING) return peer;
  return ALL.find(({ name }) => name === peer)?.title ?? peer;
}

function table(head: readonly string[], lines: readonly string[]): string {
  return [`| ${head.join(' | ')} |`, `|${head.map(() => '---').join('|')}|`, ...lines].join('\n');
}

/** The loads in the order of a work, for whoever draws them. */
export function loadsOf(work: string): string[] {
  const found = WORKS.find(({ name }) => name === work);
  return (found?.closed ?? []).map((connections) => nameOf({ kind: 'closed', connections }));
}
