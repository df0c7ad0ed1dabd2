/**
 * Where Cortex's replicas run: pods on EC2 instances that the cluster autoscaler adds and removes. One pod of 1 vCPU and
 * 2 GB fills the instance that Cortex's own documentation creates (m5.large, docs/clusters/management/create.md), beside
 * its agents. Whatever is uncertain is set in Cortex's favour: instances are never lacking, and cost nothing while empty.
 */

import type { StartTime } from './fargate';
import type { Place, Stages } from './fleet';
import type { Replica } from './replica';

/** A pod that finds room: the scheduler and the kubelet. */
const SCHEDULING_SECONDS = 2;

/** Half of `--scan-interval=20s` (manager/manifests/cluster-autoscaler.yaml.j2). */
const SCAN_SECONDS = 10;

/**
 * From RunInstances until the node is ready. Cortex's documentation says "a few minutes"; published tests of EKS on EC2
 * see the first pods of a scale-out after 150 seconds. This is less than either.
 */
const NODE_SECONDS = 75;

/** `--scale-down-unneeded-time`, ten minutes by default (Kubernetes, cluster autoscaler FAQ). */
const UNNEEDED_SECONDS = 600;

/** `periodSeconds: 10` of the readiness probe, on average half of it. */
const PROBE_SECONDS = 5;

/** Kubernetes' termination grace, fixed at 60 seconds in Cortex. */
const GRACE_SECONDS = 60;

export class Nodes implements Place {
  /** When each empty node became so, the longest empty first. */
  #emptySince: number[] = [];

  constructor(
    private readonly start: StartTime,
    private readonly concurrency: number,
  ) {}

  /** An image that was on the node before is there still. */
  launch(now: number): Stages {
    this.#emptySince = this.#emptySince.filter((since) => now - since < UNNEEDED_SECONDS);
    const hasRoom = this.#emptySince.pop() !== undefined;
    const paidFrom = now + SCHEDULING_SECONDS + (hasRoom ? 0 : SCAN_SECONDS + NODE_SECONDS);
    const runsFrom = paidFrom + (hasRoom ? 0 : this.start.pull);
    return { paidFrom, runsFrom, readyFrom: runsFrom + this.start.load + PROBE_SECONDS };
  }

  /** Until what it has is done. */
  drainSeconds({ outstanding, work }: Replica): number {
    return Math.min(GRACE_SECONDS, (outstanding * work.meanService) / this.concurrency);
  }

  vacated(now: number): void {
    this.#emptySince.push(now);
  }
}
