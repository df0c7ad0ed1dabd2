/** Options of a fleet → what is defined for it, once nothing contradicts: a plan that may be made before there is a place. */
import { Size, SizeRoundingBehavior, Token } from 'aws-cdk-lib';
import type { IMachineImage, InstanceType } from 'aws-cdk-lib/aws-ec2';
import { type Check, isKnown } from '../private/check';
import type { FleetOptions } from './fleet-options';
import type { Architecture } from './instance-catalogue';
import { type Machine, machinesOf } from './machine';

export interface FleetPlan {
  readonly machines: readonly Machine[];
  readonly architecture: Architecture;
  readonly hasGpus: boolean;
  readonly minInstances: number;
  /** Undefined where it was not said. */
  readonly maxInstances?: number;
  /** What ECS keeps in use of the running instances. */
  readonly targetCapacityPercent: number;
  readonly warmInstances: number;
  /** Undefined where nothing runs on Spot. */
  readonly spot?: Spot;
  readonly rootVolume: Size;
  readonly eniTrunking: boolean;
  readonly machineImage?: IMachineImage;
}

export interface Spot {
  readonly onDemandBase: number;
  /** Of the instances beyond the base. */
  readonly onDemandPercent: number;
}

/** AWS takes so many types in one group. */
const MOST_TYPES = 40;

/** What is answered is for use once the check is done. */
export function planFleet(check: Check, instanceTypes: readonly InstanceType[], options: FleetOptions): FleetPlan {
  const names = namesOf(check, instanceTypes);
  checkTypes(check, names);
  const machines = machinesOf(check, names, options);
  const hasGpus = machines.some(({ gpus }) => gpus > 0);
  const architecture = machines[0]?.architecture ?? 'x86_64';
  checkAlike(check, machines, options);
  checkNumbers(check, options);
  checkSpot(check, options);
  checkWarm(check, names, options);
  checkRootVolume(check, hasGpus, options);
  const { minInstances = 0, maxInstances, spareShare = 0, warmInstances = 0, eniTrunking = false } = options;
  return {
    machines,
    architecture,
    hasGpus,
    minInstances,
    maxInstances,
    targetCapacityPercent: Math.max(1, Math.round((1 - spareShare) * 100)),
    warmInstances,
    spot: spotOf(options),
    rootVolume: options.rootVolume ?? Size.gibibytes(hasGpus ? 100 : 50),
    eniTrunking,
    machineImage: options.machineImage,
  };
}

/** Of JavaScript, too. What cannot be judged is left out, once it is said. */
function namesOf(check: Check, instanceTypes: readonly InstanceType[]): string[] {
  const isList = Array.isArray(instanceTypes);
  check.that(isList, `instanceTypes must be a list (got ${instanceTypes}): give [new InstanceType('m7i.xlarge')]`);
  const names = isList ? instanceTypes.map(String) : [];
  check.that(
    !names.some((name) => Token.isUnresolved(name)),
    'instanceTypes must be known at synth: what fits an instance follows them. Name the type, such as by a context value',
  );
  return names.filter((name) => !Token.isUnresolved(name));
}

function spotOf({ spotShare = 0, onDemandBase = 0 }: FleetOptions): Spot | undefined {
  return spotShare === 0 ? undefined : { onDemandBase, onDemandPercent: Math.round((1 - spotShare) * 100) };
}

function checkTypes(check: Check, names: readonly string[]): void {
  check.that(names.length > 0, "instanceTypes is empty: give at least one, such as new InstanceType('m7i.xlarge')");
  check.that(
    names.length <= MOST_TYPES,
    `instanceTypes has ${names.length}, and AWS takes ${MOST_TYPES}: leave some out`,
  );
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  check.that(twice === undefined, `instanceTypes has ${twice} twice: leave one out`);
}

/** One image of instances and one of the model are for all of them. */
function checkAlike(check: Check, machines: readonly Machine[], { machineImage }: FleetOptions): void {
  const [first, ...others] = machines;
  if (!first) return;
  for (const other of others) {
    check.that(
      other.architecture === first.architecture,
      `instanceTypes mix architectures, and an image is built for one: ${first.instanceType} is ${first.architecture}, ${other.instanceType} is ${other.architecture}. Give types of one, and the others to an API of their own`,
    );
    check.that(
      other.gpus > 0 === first.gpus > 0,
      `instanceTypes mix ${first.instanceType} and ${other.instanceType}, of which only one has GPUs: they need different images of instances. Give each kind to a fleet of its own`,
    );
  }
  check.that(
    machineImage !== undefined || first.gpus === 0 || first.architecture === 'x86_64',
    `${first.instanceType} has GPUs and ARM processors, for which Amazon ECS has no image of instances: give machineImage, or a type with x86-64 processors such as g5.xlarge`,
  );
}

function checkNumbers(check: Check, { minInstances = 0, maxInstances, spareShare }: FleetOptions): void {
  check.that(!Token.isUnresolved(maxInstances), 'maxInstances must be known at synth: deployments follow it');
  check.integer('minInstances', minInstances, 0);
  check.integer('maxInstances', maxInstances, 1);
  check.that(
    !isKnown(minInstances) || !isKnown(maxInstances) || minInstances <= maxInstances,
    `minInstances (${minInstances}) must not exceed maxInstances (${maxInstances})`,
  );
  check.that(!Token.isUnresolved(spareShare), 'spareShare must be known at synth: the target of capacity follows it');
  check.that(
    !isKnown(spareShare) || (spareShare >= 0 && spareShare <= 0.99),
    `spareShare must be from 0 to 0.99 (got ${spareShare})`,
  );
}

function checkSpot(check: Check, { spotShare, onDemandBase, maxInstances }: FleetOptions): void {
  check.that(!Token.isUnresolved(spotShare), 'spotShare must be known at synth: what is on demand follows it');
  check.that(
    !isKnown(spotShare) || (spotShare >= 0 && spotShare <= 1),
    `spotShare must be from 0 to 1 (got ${spotShare})`,
  );
  check.that(
    !isKnown(spotShare) || spotShare <= 0 || Math.round(spotShare * 100) > 0,
    `spotShare (${spotShare}) is counted in hundredths and would be none: give at least 0.01, or leave it out`,
  );
  check.integer('onDemandBase', onDemandBase, 0);
  check.that(
    (spotShare ?? 0) !== 0 || (onDemandBase ?? 0) === 0,
    `onDemandBase (${onDemandBase}) has no effect without spotShare: give that too, or leave it out`,
  );
  check.that(
    !isKnown(onDemandBase) || !isKnown(maxInstances) || onDemandBase <= maxInstances,
    `onDemandBase (${onDemandBase}) must not exceed maxInstances (${maxInstances})`,
  );
}

function checkWarm(check: Check, names: readonly string[], options: FleetOptions): void {
  const { warmInstances = 0, spotShare = 0, maxInstances } = options;
  check.that(
    !Token.isUnresolved(warmInstances),
    'warmInstances must be known at synth: whether there are any follows it',
  );
  check.integer('warmInstances', warmInstances, 0);
  if (warmInstances === 0) return;
  check.that(
    !isKnown(maxInstances) || warmInstances <= maxInstances,
    `warmInstances (${warmInstances}) must not exceed maxInstances (${maxInstances}): no more are ever started`,
  );
  check.that(
    spotShare === 0,
    `warmInstances (${warmInstances}) exclude spotShare: Spot instances cannot be kept stopped`,
  );
  check.that(
    names.length <= 1,
    `warmInstances (${warmInstances}) are for one instance type (got ${names.join(', ')}): AWS keeps no stopped ones of several`,
  );
}

function checkRootVolume(check: Check, hasGpus: boolean, { rootVolume }: FleetOptions): void {
  check.size('rootVolume', rootVolume, 'gibibytes');
  if (!rootVolume || rootVolume.isUnresolved()) return;
  const diskGiB = rootVolume.toGibibytes({ rounding: SizeRoundingBehavior.NONE });
  check.integer(`rootVolume${hasGpus ? ' of instances with GPUs' : ''} in GiB`, diskGiB, hasGpus ? 60 : 30, 16_384);
}
