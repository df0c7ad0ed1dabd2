/**
 * The types of instances that Managed Instances are told to choose from, by names and patterns: that AWS can take them, and
 * which of them are known here. Types that are not listed are not judged.
 */
import { Annotations } from 'aws-cdk-lib';
import { CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import { type Check, isKnown } from '../private/check';
import { type Architecture, type InstanceSpec, specsOf, typesOfFamily } from './instance-catalogue';
import type { ManagedCapacityOptions } from './managed-options';

/** `name`, `family.*`, `m*`: without a point it would be the name of one type, which none has. */
const TYPE = /^[a-z0-9-]+\.[a-z0-9-]+$|^[a-z0-9.*-]*\*[a-z0-9.*-]*$/;

export function isBurstable(instanceType: string): boolean {
  return /^t\d/.test(instanceType);
}

export function isBareMetal(instanceType: string): boolean {
  return instanceType.includes('metal');
}

export function architectureOf({ architecture }: ManagedCapacityOptions): Architecture {
  return architecture === CpuArchitecture.ARM64 ? 'arm64' : 'x86_64';
}

export function checkTypes(check: Check, options: ManagedCapacityOptions, gpus: number): void {
  const { instanceTypes } = options;
  if (instanceTypes === undefined) return;
  check.that(instanceTypes.length > 0, 'instanceTypes is empty: give at least one, or leave it out');
  for (const type of instanceTypes) {
    check.that(
      !isKnown(type) || TYPE.test(type),
      `instanceTypes has ${JSON.stringify(type)}, which AWS takes for the name of one type: give names such as 'g5.xlarge', or patterns such as 'g5.*'`,
    );
  }
  const specs = allJudged(instanceTypes);
  if (specs.length === 0) return;
  const architecture = architectureOf(options);
  check.that(
    specs.some((spec) => spec.architecture === architecture),
    `instanceTypes (${instanceTypes.join(', ')}) have ${specs[0]?.architecture} processors, and architecture is ${architecture}: give types of that one, or the architecture of the types`,
  );
  check.that(
    gpus > 0 || specs.some((spec) => spec.gpus === 0),
    `instanceTypes (${instanceTypes.join(', ')}) have GPUs, and no container gets one unless it asks: say gpus, or give types without`,
  );
}

/** What a list names, unless there may be something in it that is not known here: a new type, or any family of `m*`. */
export function allJudged(instanceTypes: readonly string[]): readonly InstanceSpec[] {
  const isJudged = (type: string) => !familyOf(type).includes('*') && specsOf([type]).length > 0;
  return instanceTypes.every(isJudged) ? specsOf(instanceTypes) : [];
}

/** A family that is known has hardly ever a size that is not: most are mistakes, for which AWS would look for ever. */
export function warnOfSizes(scope: Construct, instanceTypes: readonly string[] = []): void {
  for (const type of instanceTypes) {
    const sizes = typesOfFamily(familyOf(type));
    if (sizes.length === 0 || specsOf([type]).length > 0) continue;
    Annotations.of(scope).addWarningV2(
      'cdk-model-api:unknownInstanceSize',
      `instanceTypes has ${type}, and that family is known to have ${sizes.join(', ')}: AWS takes a name that no type has, and a replica would wait for ever. Correct it, or acknowledge this where AWS has such a type; whether a replica fits is not checked then`,
    );
  }
}

function familyOf(type: string): string {
  return type.split('.', 1).join();
}
