import { afterEach, describe, expect, test, vi } from 'vitest';
import { Engine } from '../../../bench/autoscaling/engine';
import { Fleet, leastOutstanding, roundRobin } from '../../../bench/autoscaling/fleet';
import { OfferedWork } from '../../../bench/autoscaling/offered-work';
import { Random } from '../../../bench/autoscaling/random';
import { Replica, type ReplicaLimits } from '../../../bench/autoscaling/replica';
import { Tally } from '../../../bench/autoscaling/tally';
import { OfferedConcurrency } from '../../../runtime/gateway/offered-concurrency';

describe('the engine', () => {
  test('does things in the order of their times, and equal ones as they were planned', () => {
    const engine = new Engine();
    const done: string[] = [];
    for (const [time, name] of [
      [3, 'c'],
      [1, 'a'],
      [3, 'd'],
      [2, 'b'],
    ] as const) {
      engine.at(time, () => done.push(`${name}@${engine.now}`));
    }
    engine.run(3);
    expect(done).toEqual(['a@1', 'b@2']);
    engine.run(10);
    expect(done).toEqual(['a@1', 'b@2', 'c@3', 'd@3']);
  });

  test('keeps the order of a thousand random times', () => {
    const [engine, random, seen] = [new Engine(), new Random(1), [] as number[]];
    for (let count = 0; count < 1_000; count += 1) engine.at(random.uniform(), () => seen.push(engine.now));
    engine.run(1);
    expect(seen).toEqual([...seen].sort((one, other) => one - other));
    expect(seen).toHaveLength(1_000);
  });
});

test('random numbers have the mean and deviation that they promise', () => {
  const random = new Random(7);
  const draws = Array.from({ length: 200_000 }, () => random.logNormal(2, 0.5));
  const mean = draws.reduce((sum, one) => sum + one, 0) / draws.length;
  const variance = draws.reduce((sum, one) => sum + (one - mean) ** 2, 0) / draws.length;
  expect(mean).toBeCloseTo(2, 1);
  expect(Math.sqrt(variance) / mean).toBeCloseTo(0.5, 1);
});

const ENDLESS: ReplicaLimits = {
  concurrency: 1,
  queue: Number.POSITIVE_INFINITY,
  deadline: Number.POSITIVE_INFINITY,
  countsRefused: true,
};

/** A replica under a Poisson process of so many requests in a mean service time, exponential services of a second. */
function run(limits: ReplicaLimits, load: number, seconds: number): Tally {
  const engine = new Engine();
  const [arrivals, services] = [new Random(1), new Random(2)];
  const tally = new Tally(5);
  const replica = new Replica(engine, limits, () => services.exponential(1), tally);
  const arrive = () => {
    replica.offer();
    engine.at(engine.now + arrivals.exponential(1 / load), arrive);
  };
  engine.at(0, arrive);
  engine.run(seconds);
  return tally;
}

describe('a replica against the formulas of queueing theory', () => {
  test.each([
    [1, 0.5],
    [1, 0.8],
    [4, 3],
    [10, 8],
  ])('with %d at a time under a load of %d waits as long as M/M/c', (concurrency, load) => {
    const tally = run({ ...ENDLESS, concurrency }, load, 200_000);
    expect(tally.seconds / tally.served / (1 + erlangC(concurrency, load) / (concurrency - load))).toBeCloseTo(1, 1);
  });

  /** The probability of waiting. */
  function erlangC(servers: number, load: number): number {
    let blocking = 1;
    for (let count = 1; count <= servers; count += 1) blocking = (load * blocking) / (count + load * blocking);
    return blocking / (1 - (load / servers) * (1 - blocking));
  }

  test.each([
    [0, 0.7],
    [5, 0.9],
    [100, 1.5],
  ])('with room for %d under a load of %d refuses as many as M/M/1/K', (queue, load) => {
    const tally = run({ ...ENDLESS, queue }, load, 200_000);
    const places = queue + 1;
    const refused = ((1 - load) * load ** places) / (1 - load ** (places + 1));
    expect(tally.shed / tally.requests).toBeCloseTo(refused, 2);
  });

  test('what would wait beyond its deadline is refused or given up, and nothing else', () => {
    const tally = run({ ...ENDLESS, deadline: 20 }, 2, 20_000);
    expect(tally.served / tally.requests).toBeCloseTo(0.5, 1);
    expect(tally.seconds / tally.served).toBeLessThan(22);
  });
});

describe('the signal', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  test("is the gateway's own, whatever comes and goes", () => {
    vi.useFakeTimers({ toFake: ['performance'], now: 0 });
    const random = new Random(3);
    const gateway = new OfferedConcurrency();
    const simulated = new OfferedWork(performance.now() / 1000);
    const now = () => performance.now() / 1000;
    let inside = 0;
    for (let event = 0; event < 5_000; event += 1) {
      vi.advanceTimersByTime(Math.floor(random.uniform() * 400));
      const chance = random.uniform();
      if (chance < 0.45) {
        inside += 1;
        gateway.change(1);
        simulated.change(1, now());
      } else if (chance < 0.9 && inside > 0) {
        inside -= 1;
        const service = random.exponential(1);
        gateway.change(-1);
        gateway.served(service * 1000);
        simulated.change(-1, now());
        simulated.served(service);
      } else if (chance < 0.97) {
        gateway.shed();
        simulated.shed();
      } else {
        expect(simulated.takeWindow(now())).toBeCloseTo(gateway.takeWindow(), 6);
      }
    }
  });
});

describe('a fleet', () => {
  const STAGES = { paidFrom: 10, runsFrom: 20, readyFrom: 30 };

  function fleetOf(route = leastOutstanding()) {
    const engine = new Engine();
    const tally = new Tally(5);
    const place = {
      launch: (now: number) => ({
        paidFrom: now + STAGES.paidFrom,
        runsFrom: now + STAGES.runsFrom,
        readyFrom: now + STAGES.readyFrom,
      }),
      drainSeconds: () => 60,
    };
    const newReplica = () => new Replica(engine, { ...ENDLESS, queue: 100 }, () => 1_000, tally);
    return { engine, tally, fleet: new Fleet({ engine, place, tally, route, newReplica }) };
  }

  test('gives requests to ready replicas alone, and pays from its stages to the end of the drain', () => {
    const { engine, fleet } = fleetOf();
    fleet.begin(1);
    engine.run(100);
    expect(fleet.scaleTo(3)).toBe(120);
    engine.run(129);
    expect([fleet.wanted, fleet.ready.length]).toEqual([3, 1]);
    engine.run(131);
    expect(fleet.ready).toHaveLength(3);
    engine.run(200);
    fleet.scaleTo(1);
    engine.run(1_000);
    expect(fleet.ready).toHaveLength(1);
    expect(fleet.paidSeconds()).toBe(1_000 + 2 * (260 - 110));
  });

  test('takes away what has not started first, unpaid', () => {
    const { engine, fleet } = fleetOf();
    fleet.begin(2);
    engine.run(100);
    fleet.scaleTo(3);
    engine.run(105);
    fleet.scaleTo(2);
    engine.run(200);
    expect([fleet.ready.length, fleet.paidSeconds()]).toEqual([2, 400]);
  });

  test('sends each request where the fewest are', () => {
    const { engine, fleet } = fleetOf();
    fleet.begin(3);
    engine.run(1);
    for (let count = 0; count < 7; count += 1) fleet.offer();
    const outstanding = fleet.ready.map(({ replica }) => replica.outstanding);
    expect(outstanding.sort()).toEqual([2, 2, 3]);
  });

  test('takes turns where it is told to', () => {
    const { engine, fleet } = fleetOf(roundRobin());
    fleet.begin(3);
    engine.run(1);
    for (let count = 0; count < 6; count += 1) fleet.offer();
    expect(fleet.ready.map(({ replica }) => replica.outstanding)).toEqual([2, 2, 2]);
  });

  test('without a ready replica a request is refused', () => {
    const { fleet, tally } = fleetOf();
    fleet.offer();
    expect(tally.shed).toBe(1);
  });
});
