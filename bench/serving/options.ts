/** What can be said on the command line of `npm run bench:serving`. */
import { parseArgs } from 'node:util';
import { ALL, type Peer } from './peers';
import { WORKS, type Work } from './works';

export interface Options {
  /** Two short rounds: enough to see that everything works, not to compare. */
  readonly quick: boolean;
  /** Even on a busy machine. */
  readonly force: boolean;
  readonly works: readonly Work[];
  readonly peers: readonly Peer[];
  readonly gates: boolean;
  readonly rounds: number;
  readonly openRounds: number;
  /** Fewer rounds, so that it takes about so long. */
  readonly minutes?: number;
}

export const USAGE = `npm run bench:serving -- [options]
  --quick            two rounds and small gates, results beside the caches and not in docs/
  --only LIST        works and "gates", separated by commas: ${WORKS.map(({ name }) => name).join(', ')}
  --peers LIST       ours are always among them: ${ALL.map(({ name }) => name).join(', ')}
  --rounds N         rounds of closed loops (7)
  --open-rounds N    rounds of open loops (as many)
  --minutes N        as many rounds as fit, at least two
  --force            on a busy machine too`;

export const MEASURED_ROUNDS = 7;
const QUICK_ROUNDS = 2;

export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      force: { type: 'boolean', default: false },
      only: { type: 'string' },
      works: { type: 'string' },
      peers: { type: 'string' },
      rounds: { type: 'string' },
      'open-rounds': { type: 'string' },
      minutes: { type: 'string' },
    },
  });
  const only = list(values.only ?? values.works, [...WORKS.map(({ name }) => name), 'gates']);
  const rounds = number(values.rounds) ?? (values.quick ? QUICK_ROUNDS : MEASURED_ROUNDS);
  return {
    quick: values.quick,
    force: values.force,
    works: WORKS.filter(({ name }) => only === undefined || only.includes(name)),
    peers: chosen(values.peers),
    gates: only === undefined || only.includes('gates'),
    rounds,
    openRounds: number(values['open-rounds']) ?? rounds,
    minutes: number(values.minutes),
  };
}

function chosen(text: string | undefined): readonly Peer[] {
  const names = list(
    text,
    ALL.map(({ name }) => name),
  );
  if (names === undefined) return ALL;
  const picked = ALL.filter(({ name }) => names.includes(name));
  return ALL.filter(
    (peer) => picked.includes(peer) || picked.some(({ against }) => against === peer.name) || peer.name === 'ours',
  );
}

function list(text: string | undefined, known: readonly string[]): string[] | undefined {
  if (text === undefined) return undefined;
  const names = text.split(',').map((name) => name.trim());
  const strange = names.filter((name) => !known.includes(name));
  if (strange.length === 0) return names;
  throw new Error(`There is no ${strange.join(', ')}; there are ${known.join(', ')}.`);
}

function number(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (value > 0) return value;
  throw new Error(`${text} is no number above zero.`);
}
