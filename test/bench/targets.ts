/** The targets that no run could ever decide, because what they name is not measured. */
import { BEST_BATCHING, TARGETS, type Target } from '../../bench/serving/gates';
import { nameOf } from '../../bench/serving/measures';
import { ALL } from '../../bench/serving/peers';
import { WORKS } from '../../bench/serving/works';

export function undecidable(): Target[] {
  return TARGETS.filter((target) => {
    const work = WORKS.find(({ name }) => name === target.work);
    const closed = work?.closed.map((connections) => nameOf({ kind: 'closed', connections })) ?? [];
    const open = work?.open.map((share) => nameOf({ kind: 'open', share })) ?? [];
    const peer = ALL.find(({ name }) => name === target.peer);
    const isCompared =
      target.peer === BEST_BATCHING ? work?.batches : peer?.against && peer.works.includes(target.work);
    return ![...closed, ...open].includes(target.load) || !isCompared;
  });
}
