/** Tells the user of requests that an interruption would cut off. */
import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { timing } from '../../runtime/contract/timing';
import type { ComputeBinding } from '../compute/binding';

export function warnOfInterruption(scope: Construct, compute: ComputeBinding, requestTimeout: number): void {
  if (!compute.interruptible) return;
  const needed = timing({ requestTimeout, loadTimeout: 1 }).stopTimeout;
  if (needed <= compute.stopTimeoutLimit) return;
  Annotations.of(scope).addWarningV2(
    'cdk-model-api:requestOutlivesInterruption',
    `requestTimeout is ${requestTimeout} s, but a replica on Fargate Spot is killed ${compute.stopTimeoutLimit} s after it is told to stop, and requests that take longer are lost. Lower requestTimeout by ${needed - compute.stopTimeoutLimit} s or leave out spotShare`,
  );
}
