/**
 * Our side: tasks on Fargate that report their offered concurrency in EMF lines, and the policies of the template between
 * CloudWatch's alarms and the service's desired count.
 */
import { SERVING_DEFAULTS } from '../../runtime/contract/manifest';
import { EMF_INTERVAL_MS } from '../../runtime/contract/metrics';
import { Alarm } from './alarm';
import { Fargate } from './fargate';
import { Fleet, leastOutstanding, type Member } from './fleet';
import { Metric } from './metric';
import { Replica } from './replica';
import { REACTION_SECONDS, ScalableTarget } from './scalable-target';
import { StepPolicy } from './step-policy';
import type { Declared } from './template';
import { TrackingPolicy } from './tracking-policy';
import type { System, World } from './world';

const LINE_SECONDS = EMF_INTERVAL_MS / 1000;
const DEADLINE_SECONDS = SERVING_DEFAULTS.requestTimeoutMs / 1000;

export function ours({ limits, tracking, bursts, group }: Declared): System {
  return (world) => {
    const { engine, phases, replicas } = world;
    const metric = new Metric(engine);
    const fleet = fleetOf(world, new Fargate(world.workload.start, group), metric);
    const target = new ScalableTarget(fleet, limits);
    new TrackingPolicy(target, tracking).watch(engine, metric, phases);
    for (const { policy, alarm } of bursts) {
      const steps = new StepPolicy(target, policy);
      const act = (value: number) => engine.at(engine.now + REACTION_SECONDS, () => steps.breached(engine.now, value));
      new Alarm(engine, metric, alarm, act, phases.uniform());
    }
    fleet.begin(target.clamp(replicas));
    return fleet;
  };
}

function fleetOf({ engine, workload, tally, drawService, phases }: World, place: Fargate, metric: Metric): Fleet {
  const { concurrency, queue } = workload;
  const limits = { concurrency, queue, deadline: DEADLINE_SECONDS, countsRefused: true };
  const report = (member: Member) => {
    if (engine.now >= member.leavesAt) return;
    metric.put(member.replica.work.takeWindow(engine.now));
    engine.at(engine.now + LINE_SECONDS, () => report(member));
  };
  return new Fleet({
    engine,
    place,
    tally,
    route: leastOutstanding(),
    newReplica: () => new Replica(engine, limits, drawService, tally),
    // From the start of its process on, also while it loads; those of the beginning started some time before.
    onRunning: (member) =>
      engine.at(engine.now + LINE_SECONDS * (engine.now === 0 ? phases.uniform() : 1), () => report(member)),
  });
}
