/**
 * Where our replicas run: tasks on Fargate behind an Application Load Balancer. A task that is asked for is launched,
 * pulls its image, loads its model and is healthy before it gets requests; one that is taken away is drained.
 */
import type { Place, Stages } from './fleet';

export interface StartTime {
  /** Seconds to pull the image. */
  readonly pull: number;
  /** Seconds from the start of the process until the model is loaded. */
  readonly load: number;
}

/**
 * A service launches up to 500 tasks a minute on Fargate (ECS service quotas), within the account's own bucket of 100 at
 * once and 20 a second (ECS developer guide, "AWS Fargate throttling quotas").
 */
const SECONDS_A_LAUNCH = 60 / 500;

/**
 * Network interface and virtual machine. In AWS's benchmark of ECS scaling a task ran 23 seconds after it was asked for,
 * its small image included (aws/containers-roadmap issue 2113); independent tests saw the first at 30 seconds.
 */
export const PROVISION_SECONDS = 15;

export interface TargetGroup {
  readonly healthCheckInterval: number;
  readonly healthyThreshold: number;
  readonly deregistrationDelay: number;
}

export class Fargate implements Place {
  constructor(
    private readonly start: StartTime,
    private readonly group: TargetGroup,
  ) {}

  /** Paid for from the pull on (Fargate pricing: "from the time you start to download your container image"). */
  launch(now: number, order: number): Stages {
    const paidFrom = now + order * SECONDS_A_LAUNCH + PROVISION_SECONDS;
    const runsFrom = paidFrom + this.start.pull;
    const { healthCheckInterval, healthyThreshold } = this.group;
    return { paidFrom, runsFrom, readyFrom: runsFrom + this.start.load + healthCheckInterval * healthyThreshold };
  }

  /** ECS waits the whole delay before it stops a task: connections are kept alive to the end. */
  drainSeconds(): number {
    return this.group.deregistrationDelay;
  }
}
