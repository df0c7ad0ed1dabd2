/** What an instance has for replicas, once its operating system and the ECS agent have theirs. */
import { Size, SizeRoundingBehavior, Token } from 'aws-cdk-lib';
import { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { type Check, isKnown } from '../private/check';
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
  /** Network interfaces for replicas; with trunking those of the trunk, as many as wanted where nobody knows. */
  readonly interfaces: number;
  readonly architecture: Architecture;
}

/** The machines of known types. An unknown one is an error that says how to describe it. */
export function machinesOf(
  check: Check,
  instanceTypes: readonly string[],
  { instanceSpecs = {}, eniTrunking = false }: FleetOptions,
): Machine[] {
  return instanceTypes.flatMap((instanceType) => {
    const given = instanceSpecs[instanceType];
    if (given && !isDescribed(check, instanceType, given)) return [];
    const spec = given ? described(given) : instanceSpec(instanceType);
    check.that(
      spec !== undefined,
      `what an instance of type ${instanceType} has is not known here, so that nothing can be checked: give instanceSpecs: { '${instanceType}': { vcpus, memory, networkInterfaces } }, and gpus where it has some`,
    );
    check.that(
      !eniTrunking || spec?.trunkInterfaces !== 0,
      `eniTrunking is true, and AWS has no trunking for ${instanceType}: leave it out, or take other instance types`,
    );
    return spec ? [machine(instanceType, spec, eniTrunking)] : [];
  });
}

type Specified = Pick<InstanceSpec, 'vcpus' | 'memoryMiB' | 'gpus' | 'enis' | 'trunkInterfaces' | 'architecture'>;

function machine(instanceType: string, spec: Specified, eniTrunking: boolean): Machine {
  const { vcpus, memoryMiB, gpus, enis, trunkInterfaces, architecture } = spec;
  return {
    instanceType,
    cpu: vcpus * VCPU,
    memoryMiB: Math.max(0, memoryForTasks(memoryMiB) - AGENT_MEMORY),
    gpus,
    // The instance has one itself.
    interfaces: eniTrunking ? trunkInterfaces : enis - 1,
    architecture,
  };
}

function described({ vcpus, memory, gpus = 0, networkInterfaces, architecture }: InstanceTypeSpec): Specified {
  return {
    vcpus,
    memoryMiB: memory.toMebibytes({ rounding: SizeRoundingBehavior.FLOOR }),
    gpus,
    enis: networkInterfaces,
    trunkInterfaces: Number.POSITIVE_INFINITY,
    architecture: architecture === CpuArchitecture.ARM64 ? 'arm64' : 'x86_64',
  };
}

/** Whether it may be reckoned with; what is wrong is noted. */
function isDescribed(check: Check, instanceType: string, spec: InstanceTypeSpec): boolean {
  const of = `instanceSpecs['${instanceType}']`;
  const { memory } = spec;
  const least = { vcpus: 1, gpus: 0, networkInterfaces: 2 };
  for (const [name, smallest] of Object.entries(least) as [keyof typeof least, number][]) {
    const value = spec[name];
    check.that(value !== undefined || name === 'gpus', `${of} lacks ${name}: give it as AWS lists it`);
    check.that(!Token.isUnresolved(value), `${of}.${name} must be known at synth: what fits follows it`);
    check.integer(`${of}.${name}`, value, smallest);
  }
  check.that(memory instanceof Size, `${of} lacks memory: give it as AWS lists it, such as Size.gibibytes(16)`);
  const isKnownSize = memory instanceof Size && !memory.isUnresolved();
  check.that(!(memory instanceof Size) || isKnownSize, `${of}.memory must be known at synth: what fits follows it`);
  return isKnownSize && isKnown(spec.vcpus) && isKnown(spec.networkInterfaces) && !Token.isUnresolved(spec.gpus);
}
