/** How long a run will take, and how many rounds fit into the time that one has. */
import type { Load } from './measures';
import type { Options } from './options';
import type { Peer } from './peers';
import { START_SECONDS, secondsOf } from './rounds';
import type { Work } from './works';

export interface Plan {
  readonly rounds: number;
  readonly openRounds: number;
  readonly seconds: number;
}

export const SLICE_SECONDS = 1;
/** Below two there is no spread to show. */
const LEAST_ROUNDS = 2;

export function peersOf(work: Work, peers: readonly Peer[]): Peer[] {
  return peers.filter((peer) => peer.works.includes(work.name));
}

export function planOf(options: Options, gateSeconds: number): Plan {
  const { works, peers, rounds, openRounds, minutes } = options;
  const pairs = works.map((work) => ({ work, count: peersOf(work, peers).length }));
  const sum = (secondsFor: (work: Work) => number) =>
    pairs.reduce((total, { work, count }) => total + count * secondsFor(work), 0);
  const starts = sum(() => START_SECONDS + secondsOf({ kind: 'closed', connections: 8 }, SLICE_SECONDS));
  const closed = sum((work) => loadSeconds(work.closed.map((connections) => ({ kind: 'closed', connections }))));
  const open = sum((work) => loadSeconds(work.open.map((share) => ({ kind: 'open', share }))));
  const fixed = starts + (options.gates ? gateSeconds : 0);
  const fitting = minutes === undefined ? undefined : roundsIn(minutes * 60 - fixed, closed, open, rounds, openRounds);
  const chosen = fitting ?? { rounds, openRounds };
  return { ...chosen, seconds: fixed + chosen.rounds * closed + chosen.openRounds * open };
}

/** Open loops give way first: they are the longer, and few targets hang on them. */
function roundsIn(seconds: number, closed: number, open: number, rounds: number, openRounds: number) {
  let most = { rounds: LEAST_ROUNDS, openRounds: LEAST_ROUNDS };
  const takes = (tried: typeof most) => tried.rounds * closed + tried.openRounds * open;
  while (most.rounds < rounds && takes({ ...most, rounds: most.rounds + 1 }) <= seconds) {
    most = { ...most, rounds: most.rounds + 1 };
  }
  while (most.openRounds < openRounds && takes({ ...most, openRounds: most.openRounds + 1 }) <= seconds) {
    most = { ...most, openRounds: most.openRounds + 1 };
  }
  return most;
}

function loadSeconds(loads: readonly Load[]): number {
  return loads.reduce((sum, load) => sum + secondsOf(load, SLICE_SECONDS), 0);
}
