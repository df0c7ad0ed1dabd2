/**
 * The new version beside the old one, and callers led over by Amazon ECS: all at once, a few first, or in equal steps. It
 * moves the weights of the API's rule between two target groups; CodeDeploy has no part in it.
 */
import { Annotations, Duration } from 'aws-cdk-lib';
import { DeploymentStrategy } from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import { Check, isKnown } from '../private/check';
import type { RolloutBinding, RolloutSubject, Shift } from './binding';
import { bindCheck, checkCheck } from './check';
import { bindRollback, checkRollback, errorPercentOf } from './rollback';
import type { BlueGreenOptions, CanaryOptions, LinearOptions } from './shift-options';

const BAKE_TIME = Duration.minutes(5);
const A_DAY_IN_MINUTES = 1440;

/** CloudFormation waits no longer for a service. */
const LONGEST_MINUTES = 36 * 60;

/** One way of leading callers over. */
interface Way {
  /** As the user calls it. */
  readonly name: string;
  readonly shift: Shift;
  /** The share of callers that meet the new version first. */
  readonly firstPercent: number;
  /** From the first caller to the last, in minutes. */
  readonly minutes: number;
  check(check: Check): void;
}

export function bindBlueGreen(scope: Construct, options: BlueGreenOptions, subject: RolloutSubject): RolloutBinding {
  const shift = { deploymentStrategy: DeploymentStrategy.BLUE_GREEN };
  return bindShift(
    scope,
    { name: 'Rollout.blueGreen()', shift, firstPercent: 100, minutes: 0, check() {} },
    options,
    subject,
  );
}

export function bindCanary(scope: Construct, options: CanaryOptions, subject: RolloutSubject): RolloutBinding {
  const { percent = 10, canaryBakeTime = Duration.minutes(10) } = options;
  const way: Way = {
    name: 'Rollout.canary()',
    shift: {
      deploymentStrategy: DeploymentStrategy.CANARY,
      canaryConfiguration: { stepPercent: percent, stepBakeTime: canaryBakeTime },
    },
    firstPercent: percent,
    minutes: minutesOf(canaryBakeTime),
    check: (check) => {
      checkPercent(check, 'percent', percent, 0.1, 99.9);
      checkMinutes(check, 'canaryBakeTime', canaryBakeTime);
    },
  };
  return bindShift(scope, way, options, subject);
}

export function bindLinear(scope: Construct, options: LinearOptions, subject: RolloutSubject): RolloutBinding {
  const { stepPercent = 20, stepBakeTime = Duration.minutes(5) } = options;
  const way: Way = {
    name: 'Rollout.linear()',
    shift: { deploymentStrategy: DeploymentStrategy.LINEAR, linearConfiguration: { stepPercent, stepBakeTime } },
    firstPercent: stepPercent,
    // None follows the last step; a step of nothing is refused for itself.
    minutes: stepPercent > 0 ? (Math.ceil(100 / stepPercent) - 1) * minutesOf(stepBakeTime) : 0,
    check: (check) => {
      checkPercent(check, 'stepPercent', stepPercent, 3, 100);
      checkMinutes(check, 'stepBakeTime', stepBakeTime);
    },
  };
  return bindShift(scope, way, options, subject);
}

function bindShift(scope: Construct, way: Way, options: BlueGreenOptions, subject: RolloutSubject): RolloutBinding {
  const { bakeTime = BAKE_TIME, testListener } = options;
  const check = new Check(scope);
  check.that(
    subject.hasSpareCapacity,
    `${way.name} runs all new replicas beside all old ones, and compute has no room for them: give compute room for twice as many replicas, or use Rollout.rolling()`,
  );
  checkRoom(check, way, subject);
  way.check(check);
  checkMinutes(check, 'bakeTime', bakeTime);
  checkRollback(check, options);
  checkVisible(check, way, options);
  const minutes = way.minutes + minutesOf(bakeTime);
  check.that(
    !(minutes > LONGEST_MINUTES),
    `a deployment would take ${minutes} minutes and the time that replicas need to start, and CloudFormation gives up after ${LONGEST_MINUTES}: shorten the bake times`,
  );
  checkCheck(check, options.check);
  check.done();
  warnOfRoom(scope, way, subject);
  return {
    // All old replicas stay until all callers are with the new ones.
    minHealthyPercent: 100,
    maxHealthyPercent: 200,
    leastReplicas: 1,
    ...bindRollback(scope, subject.apiName, options, errorPercentOf(way.firstPercent)),
    alternateGroup: true,
    shift: { ...way.shift, bakeTime },
    testListener,
    check: bindCheck(options.check),
  };
}

/** Where not even the fewest fit twice, no deployment ever gets through. */
function checkRoom(check: Check, { name }: Way, { hasSpareCapacity, roomFor, replicas }: RolloutSubject): void {
  const { lowestMin } = replicas;
  if (!hasSpareCapacity || roomFor === undefined || lowestMin === undefined) return;
  check.that(
    roomFor >= 2 * lowestMin,
    `${name} runs all new replicas beside all old ones, compute holds ${roomFor}, and scaling never has fewer than ${lowestMin} (minReplicas): no deployment would get through. Raise maxInstances of compute until ${2 * lowestMin} fit, lower minReplicas, or use Rollout.rolling()`,
  );
}

/** It is room for both versions at whatever size scaling has chosen when a deployment begins. */
function warnOfRoom(scope: Construct, { name }: Way, { roomFor, replicas }: RolloutSubject): void {
  const { max: maxReplicas } = replicas;
  if (roomFor === undefined || maxReplicas === undefined || roomFor >= 2 * maxReplicas) return;
  const most = Math.floor(roomFor / 2);
  Annotations.of(scope).addWarningV2(
    'cdk-model-api:rolloutNeedsRoom',
    `${name} runs all new replicas beside all old ones, compute holds ${roomFor}, and maxReplicas is ${maxReplicas}: a deployment at a time when more than ${most} run waits until it is given up. Raise maxInstances of compute until ${2 * maxReplicas} fit, or lower maxReplicas of scaling`,
  );
}

/** A share of errors that the first callers cannot reach, even if all of theirs fail, would ring after the last step. */
function checkVisible(check: Check, { firstPercent }: Way, { rollbackErrorPercent }: BlueGreenOptions): void {
  check.that(
    !isKnown(rollbackErrorPercent) || rollbackErrorPercent < firstPercent,
    `rollbackErrorPercent (${rollbackErrorPercent}) is of all requests, and ${firstPercent} % of them go to a new version first: with all of these failing the alarm would not ring. Give one below ${firstPercent}, such as ${firstPercent / 2}`,
  );
}

function checkPercent(check: Check, name: string, percent: number, least: number, most: number): void {
  check.that(isKnown(percent), `${name} must be known at synth: the alarms follow it`);
  if (!isKnown(percent)) return;
  check.that(
    percent >= least && percent <= most && Number.isInteger(Number((percent * 10).toPrecision(12))),
    `${name} must be from ${least} to ${most} in tenths (got ${percent})`,
  );
}

function checkMinutes(check: Check, name: string, time: Duration): void {
  check.that(!time.isUnresolved(), `${name} must be known at synth: the time of a deployment is computed from it`);
  if (!time.isUnresolved()) check.integer(`${name} in minutes`, minutesOf(time), 0, A_DAY_IN_MINUTES);
}

function minutesOf(time: Duration): number {
  return time.isUnresolved() ? 0 : time.toMinutes({ integral: false });
}
