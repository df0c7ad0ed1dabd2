/** How many instances replicas of several sizes need beside each other, the largest placed first. */
import type { ReplicaSize } from './fit';
import type { Machine } from './machine';

/** So many replicas of one size. */
export interface Load {
  readonly size: ReplicaSize;
  readonly count: number;
}

/** Instances with the same room left. */
interface Group {
  readonly instances: number;
  readonly free: Room;
}

type Room = Pick<Machine, 'cpu' | 'memoryMiB' | 'gpus' | 'interfaces'>;

/** Of the type that needs the most, since nobody says which one comes next. */
export function instancesFor(machines: readonly Machine[], loads: readonly Load[]): number {
  return Math.max(...machines.map((machine) => pack(machine, loads)));
}

function pack(machine: Machine, loads: readonly Load[]): number {
  const largestFirst = [...loads].sort((one, other) => replicasIn(machine, one.size) - replicasIn(machine, other.size));
  let used: Group[] = [];
  for (const load of largestFirst) used = place(used, machine, load);
  return used.reduce((sum, { instances }) => sum + instances, 0);
}

/** On instances that are there already, as far as they have room, and on new ones then. */
function place(used: readonly Group[], machine: Machine, { size, count }: Load): Group[] {
  let left = count;
  const after: Group[] = [];
  for (const { instances, free } of [...used, { instances: Number.POSITIVE_INFINITY, free: machine }]) {
    const fitting = replicasIn(free, size);
    const full = fitting === 0 ? 0 : Math.min(instances, Math.floor(left / fitting));
    left -= full * fitting;
    const isPart = fitting > 0 && left > 0 && full < instances ? 1 : 0;
    after.push({ instances: full, free: without(free, size, fitting) });
    if (isPart) after.push({ instances: 1, free: without(free, size, left) });
    if (isPart) left = 0;
    after.push({ instances: instances - full - isPart, free });
  }
  return after.filter(({ instances }) => instances > 0 && Number.isFinite(instances));
}

function replicasIn({ cpu, memoryMiB, gpus, interfaces }: Room, size: ReplicaSize): number {
  const byGpus = size.gpus === 0 ? Number.POSITIVE_INFINITY : gpus / size.gpus;
  return Math.floor(Math.min(cpu / size.cpu, memoryMiB / size.memoryMiB, byGpus, interfaces));
}

function without({ cpu, memoryMiB, gpus, interfaces }: Room, size: ReplicaSize, count: number): Room {
  return {
    cpu: cpu - count * size.cpu,
    memoryMiB: memoryMiB - count * size.memoryMiB,
    gpus: gpus - count * size.gpus,
    interfaces: interfaces - count,
  };
}
