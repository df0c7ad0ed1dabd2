/**
 * Whether a replica fits an instance, how many do, and what would fit one that does not. ECS itself says nothing of it: a
 * task that fits no instance waits for one for ever.
 */
import type { Check } from '../private/check';
import { smallestFitting } from './instance-catalogue';
import { AGENT_MEMORY, type Machine, VCPU } from './machine';

/** What a replica takes of an instance. */
export interface ReplicaSize {
  readonly cpu: number;
  readonly memoryMiB: number;
  readonly gpus: number;
}

/** Replicas on one instance, by what bounds them. */
export interface Density {
  readonly bySize: number;
  readonly byInterfaces: number;
}

/** Of the instance that holds the fewest. */
export function densityOf(machines: readonly Machine[], size: ReplicaSize): Density {
  return {
    bySize: Math.min(...machines.map((machine) => replicasBySize(machine, size))),
    byInterfaces: Math.min(...machines.map(({ interfaces }) => interfaces)),
  };
}

/** A GPU belongs to one replica. */
function replicasBySize({ cpu, memoryMiB, gpus }: Machine, size: ReplicaSize): number {
  const byGpus = size.gpus === 0 ? Number.POSITIVE_INFINITY : gpus / size.gpus;
  return Math.floor(Math.min(cpu / size.cpu, memoryMiB / size.memoryMiB, byGpus));
}

/** Every instance of a fleet must hold the replica, since nobody says which one comes next. */
export function checkFit(check: Check, machines: readonly Machine[], size: ReplicaSize): void {
  for (const machine of machines) {
    check.that(
      replicasBySize(machine, size) >= 1,
      `a replica of ${described(size)} does not fit an instance of type ${machine.instanceType}, which has ${offered(machine)} for replicas: ${whatFits(machine, size)}`,
    );
  }
}

function whatFits({ instanceType }: Machine, { cpu, memoryMiB, gpus }: ReplicaSize): string {
  const [family = ''] = instanceType.split('.');
  const fitting = smallestFitting({ vcpus: cpu / VCPU, memoryMiB: memoryMiB + AGENT_MEMORY, gpus }, family);
  return fitting ? `the smallest ${family} that holds one is ${fitting}` : `no ${family} is known to hold one`;
}

function described({ cpu, memoryMiB, gpus }: ReplicaSize): string {
  return `cpu ${cpu}, ${memoryMiB} MiB${gpus > 0 ? ` and ${counted(gpus)}` : ''}`;
}

function offered({ cpu, memoryMiB, gpus }: Machine): string {
  return `cpu ${cpu}, ${memoryMiB} MiB and ${counted(gpus)}`;
}

function counted(gpus: number): string {
  if (gpus === 0) return 'no GPU';
  return `${gpus} GPU${gpus === 1 ? '' : 's'}`;
}
