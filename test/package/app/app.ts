/** A user's whole app. `app.py` is the twin of `Served`, `examples/iris-python` that of the example. */
import { App, Stack } from 'aws-cdk-lib';
import { Access, ModelApi, ModelHandler } from 'cdk-model-api';

const app = new App({ analyticsReporting: false });
const stack = new Stack(app, 'Served');
new ModelApi(stack, 'Model', {
  handler: ModelHandler.fromDirectory('model'),
  access: Access.internal(),
  config: { threshold: 0.5 },
});

// It lies beside this file only where the test has copied both.
const { default: IrisStack } = require('./examples/iris/stack');
new IrisStack(app, 'iris-example');
app.synth();
