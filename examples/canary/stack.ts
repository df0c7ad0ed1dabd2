/** A tenth of the callers meets a new version first, after it was judged; the others follow when nothing rang. */
import { join } from 'node:path';
import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Access, ModelApi, ModelHandler, Rollout, Scaling } from 'cdk-model-api';
import type { Construct } from 'constructs';

export default class CanaryStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    new ModelApi(this, 'Iris', {
      handler: ModelHandler.fromDirectory(join(__dirname, '../iris/model')),
      access: Access.internal(),
      scaling: Scaling.onConcurrency({ minReplicas: 2 }),
      rollout: Rollout.canary({
        percent: 10,
        canaryBakeTime: Duration.minutes(15),
        check: { tolerance: 0.001, maxLatencyRatio: 1.5 },
      }),
    });
  }
}
