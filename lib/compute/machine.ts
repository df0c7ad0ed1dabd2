/** What an instance has for replicas, once its operating system and the ECS agent have theirs. */
import { SizeRoundingBehavior } from 'aws-cdk-lib';
import { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import type { Check } from '../private/check';
import type { FleetOptions, InstanceTypeSpec } from './fleet-options';
import { type Architecture, type InstanceSpec, instanceSpec, memoryForTasks } from './instance-catalogue';

/** CPU units of a vCPU. */
export const VCPU = 1024;

/** Memory in MiB that the ECS agent does not offer to tasks, for itself and Docker. */
export const AGENT_MEMORY = 256;

export interface Machine {
  readonly instanceType: string;
  /** CPU units and memory for replicas. */
  readonly cpu: number;
  readonly memoryMiB: number;
  readonly gpus: number;
  /** Network interfaces for replicas: the instance has one itself. */
  readonly interfaces: number;
  readonly architecture: Architecture;
}

/** The machines of known types. An unknown one is an error that says how to describe it. */
export function machinesOf(
  check: Check,
  instanceTypes: readonly string[],
  { instanceSpecs = {} }: FleetOptions,
): Machine[] {
  return instanceTypes.flatMap((instanceType) => {
    const given = instanceSpecs[instanceType];
    if (given) checkSpec(check, instanceType, given);
    const spec = given ? described(given) : instanceSpec(instanceType);
    check.that(
      spec !== undefined,
      `what an instance of type ${instanceType} has is not known here, so that nothing can be checked: give instanceSpecs: { '${instanceType}': { vcpus, memory, networkInterfaces } }, and gpus where it has some`,
    );
    return spec ? [machine(instanceType, spec)] : [];
  });
}

type Specified = Pick<InstanceSpec, 'vcpus' | 'memoryMiB' | 'gpus' | 'enis' | 'architecture'>;

function machine(instanceType: string, { vcpus, memoryMiB, gpus, enis, architecture }: Specified): Machine {
  return {
    instanceType,
    cpu: vcpus * VCPU,
    memoryMiB: Math.max(0, memoryForTasks(memoryMiB) - AGENT_MEMORY),
    gpus,
    interfaces: enis - 1,
    architecture,
  };
}

function described({ vcpus, memory, gpus = 0, networkInterfaces, architecture }: InstanceTypeSpec): Specified {
  return {
    vcpus,
    memoryMiB: memory.toMebibytes({ rounding: SizeRoundingBehavior.FLOOR }),
    gpus,
    enis: networkInterfaces,
    architecture: architecture === CpuArchitecture.ARM64 ? 'arm64' : 'x86_64',
  };
}

function checkSpec(check: Check, instanceType: string, { vcpus, gpus, networkInterfaces }: InstanceTypeSpec): void {
  const of = `instanceSpecs['${instanceType}']`;
  check.integer(`${of}.vcpus`, vcpus, 1);
  check.integer(`${of}.gpus`, gpus, 0);
  check.integer(`${of}.networkInterfaces`, networkInterfaces, 2);
}
