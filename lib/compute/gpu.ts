/** Replicas with NVIDIA GPUs, on EC2 instances. The type of instance says how many GPUs there are and which image runs. */
import { Names, Size } from 'aws-cdk-lib';
import type { InstanceType } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { ModelFleet } from '../model-fleet';
import { Check, isKnown } from '../private/check';
import type { ReplicaRange } from '../scaling/limits';
import type { ComputeBinding } from './binding';
import { checkFit, type ReplicaSize } from './fit';
import type { FleetOptions } from './fleet-options';
import { planFleet } from './fleet-plan';
import { GPU_ENVIRONMENT } from './gpu-environment';
import { bindToInstances } from './instances';
import type { Machine } from './machine';
import { checkFleetGiven, checkForeign, checkSharedMemory, checkSizes, fleetOptionsOf } from './replica-checks';

/** How much of which EC2 instances with GPUs a replica gets. Either `fleet` or `instanceType` with what it may be told. */
export interface GpuOptions extends FleetOptions {
  /**
   * The type of instances of a fleet of the API's own, such as `g5.xlarge`. The image is built for its architecture. To
   * name several, for Spot, take a `ModelFleet`.
   *
   * @default - those of `fleet`
   */
  readonly instanceType?: InstanceType;

  /**
   * The fleet that the API shares with others, of instances with GPUs.
   *
   * @default - one of its own, of `instanceType`
   */
  readonly fleet?: ModelFleet;

  /**
   * GPUs of a replica, which no other one gets. An instance runs as many replicas as it has GPUs for.
   *
   * @default 1
   */
  readonly gpus?: number;

  /**
   * CPU units of a replica: 1024 are one vCPU. It gets no more than these.
   *
   * @default - its GPUs' share of the instance
   */
  readonly cpu?: number;

  /**
   * Memory of a replica. It gets no more than that.
   *
   * @default - its GPUs' share of what system and ECS agent leave of the instance's
   */
  readonly memory?: Size;

  /**
   * Memory of a replica, a part of `memory`, that its processes share as `/dev/shm`: what PyTorch hands tensors over by.
   *
   * @default - 1 GiB, or a quarter of `memory` where that is less
   */
  readonly sharedMemory?: Size;

  /**
   * Whether replicas of the API on one instance share `/var/cache/model`, where Hugging Face and PyTorch keep what they
   * download, so that the second one, and the next version, find the weights there. Both take locks or rename what is
   * whole; a handler that writes there itself must do so too. It lasts as long as the instance, and other APIs have
   * another one. Without it each replica has its own, empty when it starts.
   *
   * @default true
   */
  readonly modelCache?: boolean;
}

export function bindGpu(scope: Construct, options: GpuOptions, range?: ReplicaRange): ComputeBinding {
  const { fleet, instanceType, gpus = 1, modelCache = true } = options;
  const check = new Check(scope);
  checkForeign(check, options);
  checkFleetGiven(check, options, 'instanceType');
  checkSizes(check, options);
  check.that(isKnown(gpus), 'gpus must be known at synth: how many replicas an instance holds follows it');
  check.integer('gpus', gpus, 1);
  check.done();
  const instanceTypes = instanceType ? [instanceType] : [];
  const plan = fleet?._plan ?? planFleet(check, instanceTypes, options);
  checkHaveGpus(check, plan.machines);
  check.done();
  const { memory, ...size } = sizeOf(plan.machines, gpus, options);
  const { sharedMemory = defaultSharedMemory(size.memoryMiB) } = options;
  checkSharedMemory(check, memory, sharedMemory);
  checkFit(check, plan.machines, size);
  check.done();
  const cacheVolume = modelCache ? cacheNameOf(scope) : undefined;
  const replica = { ...size, memory, sharedMemory, environment: GPU_ENVIRONMENT, cacheVolume };
  const own = { ...fleetOptionsOf(options), instanceTypes };
  return bindToInstances(scope, { fleet, plan, own }, replica, range);
}

/** One name on an instance for each API; another stack's is another one. */
function cacheNameOf(scope: Construct): string {
  return `model-cache-${Names.uniqueResourceName(scope, { maxLength: 200 })}`;
}

function checkHaveGpus(check: Check, machines: readonly Machine[]): void {
  for (const { instanceType } of machines.filter((machine) => machine.gpus === 0)) {
    check.that(
      false,
      `an instance of type ${instanceType} has no GPU: give one that has, such as g5.xlarge, or use Compute.ec2`,
    );
  }
}

/** Of several types the smallest share, since a replica must fit each. */
function sizeOf(
  machines: readonly Machine[],
  gpus: number,
  { cpu, memory }: GpuOptions,
): ReplicaSize & { memory: Size } {
  const least = (whole: (machine: Machine) => number) =>
    Math.min(...machines.map((machine) => Math.floor(whole(machine) / Math.max(1, Math.floor(machine.gpus / gpus)))));
  const memoryMiB = memory?.toMebibytes() ?? least((machine) => machine.memoryMiB);
  return {
    cpu: cpu ?? least((machine) => machine.cpu),
    memoryMiB,
    gpus,
    memory: memory ?? Size.mebibytes(memoryMiB),
  };
}

function defaultSharedMemory(memoryMiB: number): Size {
  return Size.mebibytes(Math.min(1024, Math.floor(memoryMiB / 4)));
}
