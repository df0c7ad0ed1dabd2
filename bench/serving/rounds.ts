/**
 * One work on every server that can do it: all started, each frozen except in its turn, then rounds of A B C, B C A, … so
 * that a slow minute of the machine is everybody's. A server that cannot be started is said so and left out.
 */
import { type EnvironmentName, environment } from './environment';
import { type Load, type Measure, nameOf, type Sample, START } from './measures';
import type { Peer } from './peers';
import type { Progress } from './progress';
import { Server } from './server';
import { measureSlice } from './slice';
import { median } from './statistics';
import type { Work } from './works';

/** By load and server, one sample a round. */
export class Samples {
  readonly #byLoad = new Map<string, Map<string, Sample[]>>();

  add(load: string, peer: string, sample: Sample): void {
    const byPeer = this.#byLoad.get(load) ?? new Map<string, Sample[]>();
    this.#byLoad.set(load, byPeer);
    byPeer.set(peer, [...(byPeer.get(peer) ?? []), sample]);
  }

  of(load: string, peer: string): readonly Sample[] {
    return this.#byLoad.get(load)?.get(peer) ?? [];
  }

  /** One a round; NaN where a round has none, so that rounds of two servers stay paired. */
  values(load: string, peer: string, measure: Measure): number[] {
    return this.of(load, peer).map((sample) => sample[measure] ?? Number.NaN);
  }

  toJSON(): object {
    return Object.fromEntries([...this.#byLoad].map(([load, byPeer]) => [load, Object.fromEntries(byPeer)]));
  }

  get loads(): string[] {
    return [...this.#byLoad.keys()];
  }
}

export interface Measured {
  readonly work: Work;
  readonly samples: Samples;
  /** Why a server is not among them. */
  readonly absent: ReadonlyMap<string, string>;
}

export interface RoundsOptions {
  readonly rounds: number;
  readonly openRounds: number;
  readonly sliceSeconds: number;
  readonly progress: Progress;
}

/** An open loop needs its warm-up, and its last answers. */
const OPEN_SLICE_EXTRA_SECONDS = 1.5;
/** Starting wrk, and letting the server settle. */
const CLOSED_SLICE_EXTRA_SECONDS = 0.25;
export const START_SECONDS = 2.5;
const WARM_UP: Load = { kind: 'closed', connections: 8 };

export async function measureWork(work: Work, peers: readonly Peer[], options: RoundsOptions): Promise<Measured> {
  const samples = new Samples();
  const absent = new Map<string, string>();
  const running = await startAll(work, peers, samples, absent, options.progress);
  try {
    const able = peers.filter((peer) => running.has(peer.name));
    const turn = new Turns(work, able, running, samples, options);
    for (const peer of able) await turn.warmUp(peer);
    for (let round = 0; round < options.rounds; round++) await turn.closedRound(round);
    for (let round = 0; round < options.openRounds; round++) await turn.openRound(round);
  } finally {
    for (const server of running.values()) await server.stop();
  }
  return { work, samples, absent };
}

async function startAll(
  work: Work,
  peers: readonly Peer[],
  samples: Samples,
  absent: Map<string, string>,
  progress: Progress,
): Promise<Map<string, Server>> {
  const running = new Map<string, Server>();
  for (const peer of peers) {
    progress.step(`${work.name}: starting ${peer.title}`);
    try {
      const programs = await programsOf(peer.environment, progress);
      const server = await Server.startPeer(peer, work, programs);
      server.freeze();
      running.set(peer.name, server);
      samples.add(START, peer.name, { time_to_ready: server.timeToReadyMs, failedShare: 0 });
    } catch (error) {
      absent.set(peer.name, (error as Error).message);
      progress.say(`${work.name}: ${peer.title} is left out: ${(error as Error).message}`);
    }
    progress.spend(START_SECONDS);
    // Nothing is left to compare with.
    if (peer.name === 'ours' && absent.has(peer.name)) break;
  }
  return running;
}

async function programsOf(name: EnvironmentName, progress: Progress): Promise<string> {
  progress.step(`environment of ${name}`);
  return environment(name);
}

class Turns {
  constructor(
    private readonly work: Work,
    private readonly peers: readonly Peer[],
    private readonly running: ReadonlyMap<string, Server>,
    private readonly samples: Samples,
    private readonly options: RoundsOptions,
  ) {}

  /** Dropped: caches, allocators and adaptive limits find their places. */
  async warmUp(peer: Peer): Promise<void> {
    await this.#slice(peer, WARM_UP, 'warm-up');
  }

  async closedRound(round: number): Promise<void> {
    for (const connections of this.work.closed) {
      for (const peer of rotated(this.peers, round)) await this.#measured(peer, { kind: 'closed', connections }, round);
    }
  }

  async openRound(round: number): Promise<void> {
    for (const share of this.work.open) {
      for (const peer of rotated(this.peers, round)) await this.#measured(peer, { kind: 'open', share }, round);
    }
  }

  async #measured(peer: Peer, load: Load, round: number): Promise<void> {
    const sample = await this.#slice(peer, load, `round ${round + 1}`);
    this.samples.add(nameOf(load), peer.name, sample);
  }

  async #slice(peer: Peer, load: Load, when: string): Promise<Sample> {
    const { progress, sliceSeconds: seconds } = this.options;
    progress.step(`${this.work.name} ${nameOf(load)}, ${when}: ${peer.title}`);
    const server = this.running.get(peer.name) as Server;
    try {
      if (server.hasExited) throw new Error(`it has ended: ${server.lastOutput()}`);
      return await measureSlice(server, peer.request(this.work), this.work, { load, seconds, peak: this.#peak(peer) });
    } catch (error) {
      progress.say(`${this.work.name} ${nameOf(load)}: ${peer.title}: ${(error as Error).message}`);
      return { failedShare: 1 };
    } finally {
      progress.spend(secondsOf(load, seconds));
    }
  }

  /** The best of its closed loops, each the median of its rounds. */
  #peak(peer: Peer): number {
    const loads = this.work.closed.map((connections) => nameOf({ kind: 'closed', connections }));
    const medians = loads.map((load) =>
      median(this.samples.values(load, peer.name, 'throughput').filter(Number.isFinite)),
    );
    return Math.max(0, ...medians.filter(Number.isFinite));
  }
}

export function secondsOf(load: Load, seconds: number): number {
  return load.kind === 'open' ? seconds + OPEN_SLICE_EXTRA_SECONDS : seconds + CLOSED_SLICE_EXTRA_SECONDS;
}

function rotated<T>(items: readonly T[], by: number): T[] {
  return items.map((_, index) => items[(index + by) % items.length]);
}
