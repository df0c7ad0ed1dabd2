/** For each option of a rollout an edit of it, and what that edit may cost. */
import { Duration, type Stack } from 'aws-cdk-lib';
import { Alarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { type ApplicationListener, ApplicationProtocol, ListenerAction } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import {
  type BlueGreenOptions,
  type CanaryOptions,
  type LinearOptions,
  ModelPlatform,
  type RollingOptions,
  Rollout,
  type RolloutCheckOptions,
  type TestListenerOptions,
} from '../../../lib';
import { apiIn, sampled } from '../declaration';
import { type Change, ofApi, type Reasons } from './change';

const handler = sampled;

const rolling = (options: RollingOptions, replaces = {}) =>
  ofApi(() => ({ rollout: Rollout.rolling(options) }), undefined, replaces);

const between = (after: Rollout, before: Rollout) =>
  ofApi(
    () => ({ handler, rollout: after }),
    () => ({ handler, rollout: before }),
  );

const blueGreen = (options: BlueGreenOptions) => between(Rollout.blueGreen(options), Rollout.blueGreen());
const canary = (options: CanaryOptions) => between(Rollout.canary(options), Rollout.canary());
const linear = (options: LinearOptions) => between(Rollout.linear(options), Rollout.linear());

const LIMIT = { maxLatencyRatio: 3 };
const check = (options: RolloutCheckOptions, before: RolloutCheckOptions = LIMIT) =>
  between(Rollout.blueGreen({ check: { ...before, ...options } }), Rollout.blueGreen({ check: before }));

/** A second listener of the platform's load balancer, and an API that is tried there in one way or another. */
function tried(
  after: Partial<TestListenerOptions>,
  before?: Partial<TestListenerOptions>,
  replaces: Reasons = {},
): Change {
  const declare = (options?: Partial<TestListenerOptions>) => (stack: Stack) => {
    const platform = new ModelPlatform(stack, 'Platform');
    const { loadBalancer } = apiIn(stack, { platform, path: '/other' }, 'Other');
    const listeners = [8443, 9443].map((port) => {
      const defaultAction = ListenerAction.fixedResponse(404);
      return loadBalancer.addListener(`Test${port}`, {
        port,
        protocol: ApplicationProtocol.HTTP,
        open: false,
        defaultAction,
      });
    });
    const [listener, second] = listeners as [ApplicationListener, ApplicationListener];
    const testListener = options && {
      listener: options.listener === SECOND ? second : listener,
      host: options.host,
      priority: options.priority,
    };
    apiIn(stack, { platform, path: '/iris', handler, rollout: Rollout.blueGreen({ testListener }) });
  };
  return { before: declare(before), after: declare(after), replaces };
}

const OTHER_LISTENER: Reasons = {
  'replaces AWS::ElasticLoadBalancingV2::ListenerRule': 'a rule stands on one listener; nobody is called by this one',
};

/** Stands for the second listener, which is there with the stack only. */
const SECOND = {} as ApplicationListener;

export const ROLLOUT: Record<string, Change> = {
  'Rollout.rolling': rolling({ maxHealthyPercent: 150 }),
  'Rollout.blueGreen': between(Rollout.blueGreen(), Rollout.rolling()),
  'Rollout.canary': between(Rollout.canary(), Rollout.rolling()),
  'Rollout.linear': between(Rollout.linear(), Rollout.blueGreen()),
  'RollingOptions.alternateTargetGroup': rolling({ alternateTargetGroup: true }),
  'RollingOptions.maxHealthyPercent': rolling({ maxHealthyPercent: 150 }),
  'RollingOptions.minHealthyPercent': rolling({ minHealthyPercent: 50 }),
  'RollbackOptions.rollbackAlarms': ofApi((stack) => {
    const metric = new Metric({ namespace: 'Mine', metricName: 'Depth' });
    const alarm = new Alarm(stack, 'Mine', { metric, threshold: 1, evaluationPeriods: 1 });
    return { rollout: Rollout.rolling({ rollbackAlarms: [alarm] }) };
  }),
  'RollbackOptions.rollbackErrorPercent': rolling({ rollbackErrorPercent: 1 }),
  'RollbackOptions.rollbackMinRequests': rolling({ rollbackMinRequests: 50 }),
  'RollbackOptions.rollbackOnErrors': rolling(
    { rollbackOnErrors: false },
    { 'takes away AWS::CloudWatch::Alarm': 'nobody asks for the alarms that rolled back on errors' },
  ),
  'BlueGreenOptions.bakeTime': blueGreen({ bakeTime: Duration.minutes(30) }),
  'BlueGreenOptions.check': blueGreen({ check: { contract: false } }),
  'BlueGreenOptions.testListener': tried({}),
  'CanaryOptions.canaryBakeTime': canary({ canaryBakeTime: Duration.minutes(20) }),
  'CanaryOptions.percent': canary({ percent: 25 }),
  'LinearOptions.stepBakeTime': linear({ stepBakeTime: Duration.minutes(10) }),
  'LinearOptions.stepPercent': linear({ stepPercent: 25 }),
  'RolloutCheckOptions.contract': check({ contract: false }),
  'RolloutCheckOptions.latencyRequests': check({ latencyRequests: 50 }),
  'RolloutCheckOptions.maxLatencyP50': check({ maxLatencyP50: Duration.seconds(1) }),
  'RolloutCheckOptions.maxLatencyP95': check({ maxLatencyP95: Duration.seconds(1) }),
  'RolloutCheckOptions.maxLatencyRatio': check({ maxLatencyRatio: 2 }),
  'RolloutCheckOptions.samples': check({ samples: false }),
  'RolloutCheckOptions.tolerance': check({ tolerance: 0.1 }),
  'TestListenerOptions.host': tried({ host: 'try.example.com' }, {}),
  'TestListenerOptions.listener': tried({ listener: SECOND }, {}, OTHER_LISTENER),
  'TestListenerOptions.priority': tried({ priority: 7 }, {}),
};
