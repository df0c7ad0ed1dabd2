/**
 * What an instance type has, by its name, and which is the smallest that has enough. Of a type that is not listed nothing
 * is known, which is no mistake: AWS brings new ones, and what asks here leaves the judgement to the deployment then.
 */
import { type Architecture, FAMILIES, type Family, type SizeSpec } from './instance-families';

export type { Architecture } from './instance-families';

/** What an instance of a type has. */
export interface InstanceSpec {
  /** The type's name, such as `g5.xlarge`. */
  readonly instanceType: string;
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly gpus: number;
  /** Memory of each GPU. */
  readonly gpuMemoryMiB: number;
  /** The GPU's model as instance requirements spell it, such as `a10g`; none without GPU. */
  readonly gpuName?: string;
  /** Network interfaces over all network cards; the instance itself has one of them. */
  readonly enis: number;
  /** Interfaces for tasks once the account setting `awsvpcTrunking` is on, at least; 0 where AWS has no trunking. */
  readonly trunkInterfaces: number;
  readonly architecture: Architecture;
}

/** What has to fit. */
export interface InstanceNeed {
  /** vCPUs, also parts of one. */
  readonly vcpus?: number;
  /** Memory that tasks ask for: more than that has to be in the instance. */
  readonly memoryMiB?: number;
  readonly gpus?: number;
  /** Memory of each GPU. */
  readonly gpuMemoryMiB?: number;
  /** Models of GPU, any of which will do. */
  readonly gpuNames?: readonly string[];
  readonly architecture?: Architecture;
}

/** The specification of an instance type, when it is a listed one. */
export function instanceSpec(instanceType: string): InstanceSpec | undefined {
  const [name = '', size = '', ...more] = instanceType.split('.');
  const family = Object.hasOwn(FAMILIES, name) ? FAMILIES[name] : undefined;
  if (!family?.sizes.includes(size) || more.length > 0) return undefined;
  const { gpu } = family;
  return {
    instanceType,
    ...specOf(family, size),
    gpus: gpu ? (gpu.several[size] ?? 1) : 0,
    gpuMemoryMiB: gpu?.memoryMiB ?? 0,
    gpuName: gpu?.name,
    architecture: family.architecture,
  };
}

/** The types of a family, the smallest first; none of a family that is not listed. */
export function typesOfFamily(family: string): readonly string[] {
  return Object.hasOwn(FAMILIES, family) ? (FAMILIES[family]?.sizes ?? []).map((size) => `${family}.${size}`) : [];
}

/** Every type that is listed. */
export function listedTypes(): readonly string[] {
  return Object.keys(FAMILIES).flatMap(typesOfFamily);
}

/**
 * The types of instances that a list names: by name, by family (`m7g`) or by a pattern as AWS takes it (`g5.*`, `m*`).
 * Names that are not listed are left out.
 */
export function specsOf(typesOrFamilies: readonly string[]): readonly InstanceSpec[] {
  const named = listedTypes().filter((type) => typesOrFamilies.some((one) => names(one, type)));
  return named.map((type) => instanceSpec(type) as InstanceSpec);
}

/** The smallest type that has enough: of a family, of a list as in `specsOf`, or of all. */
export function smallestFitting(need: InstanceNeed, among?: string | readonly string[]): string | undefined {
  const types = among === undefined ? listedTypes() : typeof among === 'string' ? [among] : among;
  const fitting = specsOf(types).filter((spec) => fits(spec, need));
  return fitting.sort(bySize)[0]?.instanceType;
}

/** Whether an instance of its own would have room for it. */
export function fits(spec: InstanceSpec, need: InstanceNeed): boolean {
  return (
    spec.vcpus >= (need.vcpus ?? 0) &&
    memoryForTasks(spec.memoryMiB) >= (need.memoryMiB ?? 0) &&
    spec.gpus >= (need.gpus ?? 0) &&
    spec.gpuMemoryMiB >= (need.gpuMemoryMiB ?? 0) &&
    (need.gpuNames?.includes(spec.gpuName ?? '') ?? true) &&
    spec.architecture === (need.architecture ?? spec.architecture)
  );
}

/**
 * The share of an instance's memory that its hypervisor and its kernel keep: up to 7.5 % of a small one, which is also what
 * Karpenter reckons with. A large one keeps less.
 */
const KEPT = 0.075;

/** Memory in MiB of an instance that is left for tasks. */
export function memoryForTasks(memoryMiB: number): number {
  return Math.floor(memoryMiB * (1 - KEPT));
}

/** Memory in MiB that an instance must have to leave tasks that much. */
export function memoryAround(memoryForTasksMiB: number): number {
  return Math.ceil(memoryForTasksMiB / (1 - KEPT));
}

function names(typeOrFamily: string, type: string): boolean {
  if (typeOrFamily.includes('*')) {
    const literal = (text: string) => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
    return new RegExp(`^${typeOrFamily.split('*').map(literal).join('.*')}$`).test(type);
  }
  return typeOrFamily === type || typeOrFamily === type.split('.')[0];
}

function specOf({ memoryPerVcpuMiB, exceptions, trunking = true }: Family, size: string): SizeSpec {
  const exception = exceptions?.[size];
  const vcpus = exception?.vcpus ?? vcpusOf(size);
  const memoryMiB = exception?.memoryMiB ?? vcpus * memoryPerVcpuMiB;
  const trunkInterfaces = exception?.trunkInterfaces ?? (trunking ? trunkInterfacesOf(vcpus) : 0);
  return { vcpus, memoryMiB, enis: exception?.enis ?? enisOf(vcpus), trunkInterfaces };
}

/** `xlarge` is four vCPUs, `12xlarge` and `metal-12xl` twelve times that. */
function vcpusOf(size: string): number {
  if (size === 'medium') return 1;
  if (size === 'large') return 2;
  return 4 * Number(size.match(/(\d+)xl/)?.[1] ?? 1);
}

function enisOf(vcpus: number): number {
  if (vcpus === 1) return 2;
  if (vcpus === 2) return 3;
  if (vcpus <= 8) return 4;
  return vcpus <= 48 ? 8 : 15;
}

/** The branch interfaces that AWS lists for EKS, of the family that has the fewest: ECS allows a few more. */
function trunkInterfacesOf(vcpus: number): number {
  if (vcpus === 1) return 4;
  if (vcpus === 2) return 9;
  if (vcpus === 4) return 18;
  if (vcpus === 8) return 38;
  return vcpus <= 48 ? 54 : 107;
}

/** By what costs the most: GPUs, then what these have, then vCPUs, then memory. Equals stay in the list's own order. */
function bySize(one: InstanceSpec, other: InstanceSpec): number {
  return (
    one.gpus - other.gpus ||
    one.gpuMemoryMiB - other.gpuMemoryMiB ||
    one.vcpus - other.vcpus ||
    one.memoryMiB - other.memoryMiB
  );
}
