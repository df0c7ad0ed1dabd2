/** Tells the user of deployments that have no room for new replicas beside the old ones. */
import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** What a rollout says of it, where `minHealthyPercent` is what it came to. */
export function warnOfNoSpareCapacity(scope: Construct, minHealthyPercent: number): void {
  const consequence =
    minHealthyPercent === 100
      ? 'With minHealthyPercent 100 a deployment at such a time waits until it is given up'
      : `A deployment at such a time stops old replicas before new ones are ready, and leaves ${minHealthyPercent} % of them: at 0 nobody answers meanwhile`;
  Annotations.of(scope).addWarningV2(
    'cdk-model-api:noSpareCapacity',
    `when maxReplicas run, compute has no room for a new replica beside them. ${consequence}. Raise maxInstances of compute by one or more, or lower maxReplicas of scaling`,
  );
}
