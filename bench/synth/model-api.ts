/** What `bench/dev.ts` times: the smallest app with a ModelApi. */
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Access, ModelApi, ModelHandler } from 'cdk-model-api';

const app = new App();
new ModelApi(new Stack(app, 'Bench'), 'Iris', {
  handler: ModelHandler.fromDirectory(join(__dirname, '../../examples/iris/model')),
  access: Access.internal(),
});
app.synth();
