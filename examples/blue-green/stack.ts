/** A new version runs beside the old one, is judged before anybody calls it, and takes over in one step. */
import { join } from 'node:path';
import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import { Access, ModelApi, ModelHandler, Rollout } from 'cdk-model-api';
import type { Construct } from 'constructs';

export default class BlueGreenStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    new ModelApi(this, 'Iris', {
      handler: ModelHandler.fromDirectory(join(__dirname, '../iris/model')),
      access: Access.internal(),
      rollout: Rollout.blueGreen({
        bakeTime: Duration.minutes(10),
        check: { maxLatencyP95: Duration.millis(250) },
      }),
    });
  }
}
