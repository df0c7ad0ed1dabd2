/** From the samples of one work to the rows of the results: ours against each peer, round by round. */
import { BEST_BATCHING, TARGETS, verdict } from './gates';
import type { Measure } from './measures';
import type { Peer } from './peers';
import { type Row, rowOf } from './results';
import type { Measured } from './rounds';
import { pairedRatios, summarize } from './statistics';

const ORDER: readonly Measure[] = [
  'throughput',
  'p50',
  'p99',
  'cpu_us_per_request',
  'rss',
  'time_to_ready',
  'goodput',
  'shed_p99',
];

export function rowsOf(measured: Measured, peers: readonly Peer[]): Row[] {
  const compared = peers.filter((peer) => peer.against !== undefined);
  const { samples } = measured;
  return samples.loads.flatMap((load) => [
    ...compared.flatMap((peer) =>
      ORDER.flatMap((measure) => {
        const ours = samples.values(load, peer.against as string, measure);
        return row(measured, load, measure, peer.name, ours, samples.values(load, peer.name, measure));
      }),
    ),
    ...bestBatching(measured, load, peers),
  ]);
}

function bestBatching(measured: Measured, load: string, peers: readonly Peer[]): Row[] {
  const batching = peers.filter((peer) => peer.batching && peer.against !== undefined);
  if (!measured.work.batches || batching.length === 0) return [];
  const { samples } = measured;
  const ours = samples.values(load, 'ours', 'throughput');
  const theirs = batching.map((peer) => samples.values(load, peer.name, 'throughput'));
  const best = ours.map((_, round) => Math.max(...theirs.map((values) => values[round]).filter(Number.isFinite)));
  return row(measured, load, 'throughput', BEST_BATCHING, ours, best);
}

/** None, when there is no round in which both were measured. */
function row(
  { work }: Measured,
  load: string,
  measure: Measure,
  peer: string,
  ours: readonly number[],
  theirs: readonly number[],
): Row[] {
  const ratios = pairedRatios(ours, theirs);
  if (ratios.length === 0) return [];
  const summary = summarize(ratios);
  const key = { work: work.name, load, measure, peer };
  const target = TARGETS.find(
    (one) => one.work === work.name && one.load === load && one.measure === measure && one.peer === peer,
  );
  return [rowOf({ ...key, ...(target && verdict(target, summary.median)) }, summary)];
}
