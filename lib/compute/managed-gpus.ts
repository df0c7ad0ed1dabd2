/**
 * Which models of GPU Managed Instances can be asked for by name. EC2 knows more than Amazon ECS: the CDK's
 * `AcceleratorName` is EC2's, and what ECS does not know fails when it is deployed. Such GPUs are to be had by the types of
 * the instances that have them.
 */
import type { AcceleratorName } from 'aws-cdk-lib/aws-ec2';
import { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { type Check, isKnown } from '../private/check';
import { listedTypes, specsOf } from './instance-catalogue';
import type { ManagedCapacityOptions } from './managed-options';

/** NVIDIA's, the only ones whose driver the instances bring, as the API of ECS spells them (`AcceleratorName`). */
const NAMED_BY_ECS: readonly string[] = ['a100', 'a10g', 'h100', 'k520', 'k80', 'm60', 't4', 't4g', 'v100'];

/** Accelerators that are no GPU of NVIDIA's. */
const OTHER_MAKERS: readonly string[] = [
  'gaudi-hl-205',
  'inferentia',
  'inferentia2',
  'radeon-pro-v520',
  'trainium',
  'trainium2',
  'u30',
  'vu9p',
];

export function checkGpuNames(check: Check, { gpuNames, architecture }: ManagedCapacityOptions, gpus: number): void {
  if (gpuNames === undefined) return;
  const said = gpuNames.join(', ');
  check.that(gpuNames.length > 0, 'gpuNames is empty: give at least one, or leave it out');
  check.that(gpus > 0, `gpuNames (${said}) has no effect without gpus: say how many, or leave gpuNames out`);
  const others = gpuNames.filter((name) => OTHER_MAKERS.includes(name));
  check.that(
    others.length === 0,
    `gpuNames has ${others.join(', ')}, and the instances bring the driver of NVIDIA's GPUs alone: give those, such as AcceleratorName.A10G`,
  );
  const nameless = gpuNames.filter((name) => isKnown<string>(name) && ![...NAMED_BY_ECS, ...others].includes(name));
  check.that(
    nameless.length === 0,
    `gpuNames has ${nameless.join(', ')}, which Amazon ECS does not know by name (EC2 does): say by instanceTypes what has them, ${adviceFor(gpuNames)}, and leave gpuNames out`,
  );
  if (gpuNames.length > 0 && nameless.length === 0) checkArchitecture(check, gpuNames, architecture);
}

function checkArchitecture(
  check: Check,
  gpuNames: readonly AcceleratorName[],
  architecture: CpuArchitecture = CpuArchitecture.X86_64,
): void {
  if (!areListed(gpuNames)) return;
  const isArm = architecture === CpuArchitecture.ARM64;
  const ours = isArm ? 'arm64' : 'x86_64';
  check.that(
    withGpus(gpuNames).some((spec) => spec.architecture === ours),
    `gpuNames (${gpuNames.join(', ')}) are in no instance with ${ours} processors: ${isArm ? 'leave architecture out, or give AcceleratorName.T4G' : 'give architecture CpuArchitecture.ARM64'}`,
  );
}

/** Whether it is known which instances have each of the models. */
export function areListed(gpuNames: readonly AcceleratorName[]): boolean {
  return gpuNames.every((name) => withGpus([name]).length > 0);
}

/** The families that have one of the models. */
function adviceFor(gpuNames: readonly AcceleratorName[]): string {
  const families = new Set(withGpus(gpuNames).map(({ instanceType }) => instanceType.split('.', 1).join()));
  const patterns = [...families].map((family) => `'${family}.*'`);
  return patterns.length > 0 ? `such as [${patterns.join(', ')}]` : "such as ['g6.*']";
}

function withGpus(gpuNames: readonly AcceleratorName[]) {
  return specsOf(listedTypes()).filter(({ gpuName }) => gpuNames.some((name) => name === gpuName));
}
