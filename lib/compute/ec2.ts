/** Replicas on EC2 instances without GPUs. */
import { Size } from 'aws-cdk-lib';
import type { InstanceType } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { ModelFleet } from '../model-fleet';
import { Check } from '../private/check';
import type { ReplicaRange } from '../scaling/limits';
import type { ComputeBinding } from './binding';
import { checkFit } from './fit';
import type { FleetOptions } from './fleet-options';
import { type FleetPlan, planFleet } from './fleet-plan';
import { bindToInstances } from './instances';
import { checkFleetGiven, checkForeign, checkSharedMemory, checkSizes, fleetOptionsOf } from './replica-checks';

/** How much of which EC2 instances a replica gets. Either `fleet` or `instanceTypes` with what they may be told. */
export interface Ec2Options extends FleetOptions {
  /**
   * The types of instances of a fleet of the API's own, of one architecture. A replica must fit each of them. On demand
   * the first comes first. The image is built for their architecture.
   *
   * @default - those of `fleet`
   */
  readonly instanceTypes?: InstanceType[];

  /**
   * The fleet that the API shares with others.
   *
   * @default - one of its own, of `instanceTypes`
   */
  readonly fleet?: ModelFleet;

  /**
   * CPU units of a replica: 1024 are one vCPU. It gets no more than these.
   *
   * @default 1024
   */
  readonly cpu?: number;

  /**
   * Memory of a replica. It gets no more than that.
   *
   * @default - 2 GiB a vCPU
   */
  readonly memory?: Size;

  /**
   * Memory of a replica, a part of `memory`, that its processes share as `/dev/shm`.
   *
   * @default - 64 MiB
   */
  readonly sharedMemory?: Size;
}

function withGpus({ machines }: FleetPlan): string {
  const types = machines.filter(({ gpus }) => gpus > 0).map(({ instanceType }) => instanceType);
  return types.join(', ');
}

export function bindEc2(scope: Construct, options: Ec2Options, range?: ReplicaRange): ComputeBinding {
  const { fleet, instanceTypes = [], cpu = 1024, sharedMemory } = options;
  const check = new Check(scope);
  checkForeign(check, options);
  checkFleetGiven(check, options, 'instanceTypes');
  checkSizes(check, options);
  check.done();
  const memory = options.memory ?? Size.mebibytes(cpu * 2);
  const plan = fleet?._plan ?? planFleet(check, instanceTypes, options);
  const size = { cpu, memoryMiB: memory.toMebibytes(), gpus: 0 };
  check.that(
    fleet !== undefined || !plan.hasGpus,
    `${withGpus(plan)} has GPUs, which Compute.ec2 leaves unused: use Compute.gpu, or instance types without`,
  );
  checkSharedMemory(check, memory, sharedMemory);
  checkFit(check, plan.machines, size);
  check.done();
  const own = { ...fleetOptionsOf(options), instanceTypes };
  return bindToInstances(scope, { fleet, plan, own }, { ...size, memory, sharedMemory }, range);
}
