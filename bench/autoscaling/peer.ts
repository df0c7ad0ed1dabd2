/**
 * Cortex's side: pods behind Istio 1.11, which takes turns unless told otherwise, each with Cortex's proxy in front
 * (max_concurrency, max_queue_length 100, no deadline), and its autoscaler over their requests in flight. Samples reach
 * the autoscaler at once here; Prometheus scrapes them every ten seconds there.
 */
import { CORTEX_TICK, CortexAutoscaler, type CortexSettings } from './cortex';
import { Fleet, type Member, roundRobin } from './fleet';
import { Nodes } from './nodes';
import { Replica } from './replica';
import type { System } from './world';

export function cortex(settings: CortexSettings): System {
  return ({ engine, workload, tally, drawService, phases, replicas }) => {
    const { concurrency, queue, start } = workload;
    const limits = { concurrency, queue, deadline: Number.POSITIVE_INFINITY, countsRefused: false };
    let running: Member[] = [];
    const fleet = new Fleet({
      engine,
      tally,
      place: new Nodes(start, concurrency),
      route: roundRobin(),
      newReplica: () => new Replica(engine, limits, drawService, tally),
      onRunning: (member) => {
        member.replica.work.takeWindow(engine.now);
        running.push(member);
      },
    });
    const autoscaler = new CortexAutoscaler(settings, replicas);
    const samples: number[] = [];
    engine.every(CORTEX_TICK, CORTEX_TICK * (1 + phases.uniform()), () => {
      running = running.filter(({ leavesAt }) => engine.now < leavesAt);
      samples.push(running.reduce((sum, { replica }) => sum + replica.work.takeWindow(engine.now), 0));
      samples.splice(0, samples.length - settings.window / CORTEX_TICK);
      const inFlight = samples.reduce((sum, one) => sum + one, 0) / samples.length;
      fleet.scaleTo(autoscaler.tick(engine.now, inFlight, fleet.wanted));
    });
    fleet.begin(replicas);
    return fleet;
  };
}
