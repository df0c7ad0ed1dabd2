/** A user's whole app. `app.py` is the twin of `Served`, `examples/iris-python` that of the example. */
import { App, Duration, Stack } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Peer } from 'aws-cdk-lib/aws-ec2';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import {
  Access,
  type AlarmActionStrategyProps,
  type IAlarmActionStrategy,
  ModelApi,
  ModelHandler,
  Monitoring,
  Scaling,
} from 'cdk-model-api';

/** Behaviour of the app's own, which the library calls. */
class Pager implements IAlarmActionStrategy {
  constructor(private readonly topic: Topic) {}

  public addAlarmActions({ alarm, severity }: AlarmActionStrategyProps): void {
    if (severity === 'Critical') alarm.addAlarmAction(new SnsAction(this.topic));
  }
}

const app = new App({ analyticsReporting: false });
const stack = new Stack(app, 'Served');
const topic = new Topic(stack, 'Topic');
new ModelApi(stack, 'Model', {
  handler: ModelHandler.fromDirectory('model'),
  access: Access.internal({ allowFrom: [Peer.ipv4('10.0.0.0/8')] }),
  config: { threshold: 0.5 },
  scaling: Scaling.onConcurrency({ minReplicas: 2 }),
  monitoring: Monitoring.standard({
    actions: new Pager(topic),
    latencyAlarm: { Critical: { maxLatency: Duration.seconds(2) } },
  }),
  extraContainers: { agent: { image: ContainerImage.fromRegistry('registry.example/agent'), memoryLimitMiB: 64 } },
});

// It lies beside this file only where the test has copied both.
const { default: IrisStack } = require('./examples/iris/stack');
new IrisStack(app, 'iris-example');
app.synth();
