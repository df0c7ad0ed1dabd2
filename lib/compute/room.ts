/** How many replicas the instances of a fleet hold, and what is said where one API alone asks for more. */
import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { Check } from '../private/check';
import type { ReplicaRange } from '../scaling/limits';
import type { Density, ReplicaSize } from './fit';
import type { FleetPlan } from './fleet-plan';

export interface Room {
  readonly instances: number;
  readonly perInstance: number;
  readonly replicas: number;
}

/** What was not bounded is twice of what may run, for a deployment. */
export function roomOf({ maxInstances, minInstances }: FleetPlan, density: Density, maxReplicas: number): Room {
  const perInstance = Math.max(1, Math.min(density.bySize, density.byInterfaces));
  const instances = maxInstances ?? Math.max(minInstances, Math.ceil((2 * maxReplicas) / perInstance));
  return { instances, perInstance, replicas: instances * perInstance };
}

/** Throws where replicas that scaling always keeps would never start. */
export function checkRoom(scope: Construct, room: Room, { max, highestMin = 0 }: ReplicaRange): void {
  const check = new Check(scope);
  check.that(
    max !== undefined,
    'maxReplicas of scaling must be known at synth on EC2 instances: whether they have room for a deployment follows it',
  );
  check.that(
    highestMin <= room.replicas,
    `scaling keeps ${highestMin} replicas (minReplicas, schedules), and ${held(room)}: the others never start. Raise maxInstances to ${Math.ceil(highestMin / room.perInstance)}, or lower minReplicas`,
  );
  check.done();
}

export function warnOfRoom(scope: Construct, room: Room, { max }: ReplicaRange): void {
  if (max === undefined || max <= room.replicas) return;
  Annotations.of(scope).addWarningV2(
    'cdk-model-api:replicasExceedInstances',
    `scaling may ask for ${max} replicas, and ${held(room)}: the others wait until some go. Raise maxInstances to ${Math.ceil(max / room.perInstance)}, or lower maxReplicas`,
  );
}

function held({ instances, replicas }: Room): string {
  return `${instances} instances (maxInstances) hold ${replicas}`;
}

export function warnOfDensity(scope: Construct, plan: FleetPlan, { bySize, byInterfaces }: Density): void {
  if (byInterfaces >= bySize) return;
  const remedy = plan.eniTrunking
    ? 'Take'
    : 'Turn on the account setting awsvpcTrunking and say eniTrunking: true, or take';
  Annotations.of(scope).addWarningV2(
    'cdk-model-api:networkInterfacesLimitReplicas',
    `an instance (${typesOf(plan)}) holds ${bySize} replicas by CPU and memory, but each needs a network interface, and there are ${byInterfaces}: what is left stays unused. ${remedy} smaller instances or larger replicas`,
  );
}

/** GPUs of an API's own instances that no replica can take cost as much as the others. */
export function warnOfIdleGpus(scope: Construct, plan: FleetPlan, { perInstance }: Room, { gpus }: ReplicaSize): void {
  if (gpus === 0) return;
  const most = Math.max(...plan.machines.map((machine) => machine.gpus));
  const taken = perInstance * gpus;
  if (taken >= most) return;
  Annotations.of(scope).addWarningV2(
    'cdk-model-api:gpusLeftUnused',
    `an instance (${typesOf(plan)}) has ${most} GPUs, and replicas take ${taken} of them (${perInstance} with ${gpus} each): the others are paid for and stay idle. Give gpus of which ${most} are a multiple, cpu and memory of which more fit, or a smaller instanceType`,
  );
}

function typesOf({ machines }: FleetPlan): string {
  return machines.map(({ instanceType }) => instanceType).join(', ');
}
