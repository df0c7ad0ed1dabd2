/** Tells the user of requests that an interruption would cut off. */
import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { timing } from '../../runtime/contract/timing';
import type { ComputeBinding } from '../compute/binding';

/** Seconds from the notice that Spot capacity is taken back to its end, whatever a task may take to stop otherwise. */
const NOTICE = 120;

export function warnOfInterruption(
  scope: Construct,
  { interruptible }: Pick<ComputeBinding, 'interruptible'>,
  requestTimeout: number,
): void {
  if (!interruptible) return;
  const needed = timing({ requestTimeout, loadTimeout: 1 }).stopTimeout;
  if (needed <= NOTICE) return;
  Annotations.of(scope).addWarningV2(
    'cdk-model-api:requestOutlivesInterruption',
    `requestTimeout is ${requestTimeout} s, but a replica on Spot is killed ${NOTICE} s after it is told to stop, and requests that take longer are lost. Lower requestTimeout by ${needed - NOTICE} s or leave out spotShare`,
  );
}
