/** A user's whole app; `app.py` is its twin. */
import { App, Stack } from 'aws-cdk-lib';
import { Access, ModelApi, ModelHandler } from 'cdk-model-api';

const app = new App({ analyticsReporting: false });
const stack = new Stack(app, 'Served');
new ModelApi(stack, 'Model', {
  handler: ModelHandler.fromDirectory('model'),
  access: Access.internal(),
  config: { threshold: 0.5 },
});
app.synth();
