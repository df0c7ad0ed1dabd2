/** What every kind of compute on EC2 instances refuses: what belongs to Fargate, to a fleet that is given, or to nobody. */
import { type Size, SizeRoundingBehavior, Token } from 'aws-cdk-lib';
import type { Check } from '../private/check';
import { checkGiven } from '../private/required';
import type { FleetOptions } from './fleet-options';

/** All that a fleet can be told; another option of it that is missing here does not compile. */
const FLEET_OPTIONS: Record<keyof FleetOptions, true> = {
  minInstances: true,
  maxInstances: true,
  spareShare: true,
  warmInstances: true,
  spotShare: true,
  onDemandBase: true,
  rootVolume: true,
  eniTrunking: true,
  instanceSpecs: true,
  machineImage: true,
};

/** Of JavaScript: the CDK would drop it, or AWS would refuse it at deployment. */
const FOREIGN: Record<string, string> = {
  architecture: 'it is that of the instance types',
  ephemeralStorage: 'it is of Fargate; on instances replicas share their rootVolume',
  assignPublicIp: 'replicas have private addresses',
  networkMode: 'replicas have network interfaces of their own (awsvpc)',
  inferenceAccelerators: 'AWS ended Elastic Inference in April 2024',
  hostPort: 'a replica listens at its own address',
  weight: 'there is one capacity provider',
};

export function checkForeign(
  check: Check,
  options: object,
  foreign: Readonly<Record<string, string>> = FOREIGN,
  kind = 'compute on EC2 instances',
): void {
  for (const name of Object.keys(options).filter((one) => Object.hasOwn(foreign, one))) {
    check.that(false, `${name} is no option of ${kind}: ${foreign[name]}. Leave it out`);
  }
}

/** A fleet that is given says all that one of the API's own would be told. */
export function checkFleetGiven(check: Check, options: object, own: 'instanceTypes' | 'instanceType'): void {
  const said = new Map(Object.entries(options).filter(([, value]) => value !== undefined));
  const fleet = said.get('fleet');
  if (fleet === undefined) {
    const one = own === 'instanceType' ? "new InstanceType('g5.xlarge')" : "[new InstanceType('m7i.xlarge')]";
    check.that(said.has(own), `${own} or fleet is required: give ${own}, such as ${one}, or a ModelFleet as fleet`);
    return;
  }
  checkGiven(check, 'fleet', fleet, '_plan', "a ModelFleet, such as new ModelFleet(stack, 'Fleet', { … })");
  const both = [own, ...Object.keys(FLEET_OPTIONS)].filter((name) => said.has(name));
  check.that(
    both.length === 0,
    `fleet and ${both.join(', ')} exclude each other: say it where the fleet is defined, or leave out fleet`,
  );
}

/** What a fleet is told, of all that a compute is. */
export function fleetOptionsOf(options: FleetOptions): FleetOptions {
  return Object.fromEntries(Object.entries(options).filter(([name]) => Object.hasOwn(FLEET_OPTIONS, name)));
}

interface Sizes {
  readonly cpu?: number;
  readonly memory?: Size;
  readonly sharedMemory?: Size;
}

/** Everything has to be known: how many replicas an instance holds follows it. */
export function checkSizes(check: Check, sizes: Sizes): void {
  const why = 'how many replicas an instance holds follows it';
  check.that(!Token.isUnresolved(sizes.cpu), `cpu must be known at synth: ${why}`);
  check.integer('cpu', sizes.cpu, 128, 196_608);
  for (const name of ['memory', 'sharedMemory'] as const) {
    const size = sizes[name];
    check.that(!size?.isUnresolved(), `${name} must be known at synth: ${why}`);
    if (!size || size.isUnresolved()) continue;
    check.integer(`${name} in MiB`, mebibytes(size), name === 'memory' ? 256 : 64);
  }
}

/** What is in shared memory counts as the replica's. */
export function checkSharedMemory(check: Check, memory: Size, sharedMemory?: Size): void {
  if (!sharedMemory || sharedMemory.isUnresolved() || memory.isUnresolved()) return;
  check.that(
    mebibytes(sharedMemory) < mebibytes(memory),
    `sharedMemory (${mebibytes(sharedMemory)} MiB) must be below the memory of a replica (${mebibytes(memory)} MiB), of which it is a part`,
  );
}

function mebibytes(size: Size): number {
  return size.toMebibytes({ rounding: SizeRoundingBehavior.NONE });
}
