/**
 * The replicas of an API: how many are wanted, which start, serve and leave, who gets the next request, and for how long
 * each is paid for. Where they run, and so how long they take to start, is a `Place`.
 */
import type { Engine } from './engine';
import type { Replica } from './replica';
import type { Tally } from './tally';

/** When what happens to a replica that was asked for. */
export interface Stages {
  /** It holds resources: from here on it is paid for. */
  readonly paidFrom: number;
  /** Its process runs, loads its model and reports. */
  readonly runsFrom: number;
  /** It gets requests. */
  readonly readyFrom: number;
}

export interface Place {
  /** `order`: how many were asked for in the same moment before it. */
  launch(now: number, order: number): Stages;
  /** How long a replica that gets no more requests is still there. */
  drainSeconds(replica: Replica): number;
  /** Its room is free again. */
  vacated?(now: number): void;
}

/** Chooses among the ready ones. */
export type Route = (ready: readonly Member[]) => Member;

export interface Member {
  readonly replica: Replica;
  readonly stages: Stages;
  isReady: boolean;
  leavesAt: number;
}

export interface FleetProps {
  readonly engine: Engine;
  readonly place: Place;
  readonly route: Route;
  readonly tally: Tally;
  readonly newReplica: () => Replica;
  /** The process of a replica has started. */
  readonly onRunning?: (member: Member) => void;
}

export class Fleet {
  /** Those that are wanted, in the order in which they were asked for. */
  readonly #members: Member[] = [];
  readonly #ready: Member[] = [];
  readonly #everyone: Member[] = [];

  constructor(private readonly props: FleetProps) {}

  /** Wanted replicas, started or not. */
  get wanted(): number {
    return this.#members.length;
  }

  get ready(): readonly Member[] {
    return this.#ready;
  }

  /** Replicas that have run from the beginning: their time starts with the simulation's. */
  begin(count: number): void {
    const { now } = this.props.engine;
    for (let index = 0; index < count; index += 1) this.#add({ paidFrom: now, runsFrom: now, readyFrom: now });
  }

  /** Answers when the last of the new ones runs: now, when there is none. */
  scaleTo(count: number): number {
    const { engine, place } = this.props;
    let fulfilledAt = engine.now;
    for (let order = 0; this.wanted < count; order += 1) {
      const stages = place.launch(engine.now, order);
      fulfilledAt = Math.max(fulfilledAt, stages.runsFrom);
      this.#add(stages);
    }
    while (this.wanted > count) this.#retire();
    return fulfilledAt;
  }

  offer(): void {
    if (this.#ready.length === 0) this.props.tally.refused();
    else this.props.route(this.#ready).replica.offer();
  }

  /** Seconds of all replicas that have been paid for until now. */
  paidSeconds(): number {
    const { now } = this.props.engine;
    const paid = this.#everyone.map(({ stages, leavesAt }) => Math.max(0, Math.min(now, leavesAt) - stages.paidFrom));
    return paid.reduce((sum, seconds) => sum + seconds, 0);
  }

  #add(stages: Stages): void {
    const { engine, newReplica, onRunning } = this.props;
    const member: Member = { replica: newReplica(), stages, isReady: false, leavesAt: Number.POSITIVE_INFINITY };
    this.#members.push(member);
    this.#everyone.push(member);
    engine.at(stages.runsFrom, () => {
      if (engine.now < member.leavesAt) onRunning?.(member);
    });
    engine.at(stages.readyFrom, () => {
      if (engine.now >= member.leavesAt) return;
      member.isReady = true;
      this.#ready.push(member);
    });
  }

  /** First one that has not started, then one that has: both the ECS and the Kubernetes scheduler do so. */
  #retire(): void {
    const { engine, place } = this.props;
    const starting = this.#members.map(({ isReady }) => isReady).lastIndexOf(false);
    const [member] = this.#members.splice(starting === -1 ? this.wanted - 1 : starting, 1);
    const drain = member.isReady ? place.drainSeconds(member.replica) : 0;
    member.leavesAt = engine.now + drain;
    if (member.isReady) this.#ready.splice(this.#ready.indexOf(member), 1);
    engine.at(member.leavesAt, () => place.vacated?.(engine.now));
  }
}

/** The fewest outstanding requests; among equals whoever comes first after the last choice. */
export function leastOutstanding(): Route {
  let turn = 0;
  return (ready) => {
    turn += 1;
    let best = ready[turn % ready.length];
    for (let offset = 1; offset < ready.length && best.replica.outstanding > 0; offset += 1) {
      const other = ready[(turn + offset) % ready.length];
      if (other.replica.outstanding < best.replica.outstanding) best = other;
    }
    return best;
  };
}

export function roundRobin(): Route {
  let turn = 0;
  return (ready) => {
    turn += 1;
    return ready[turn % ready.length];
  };
}
