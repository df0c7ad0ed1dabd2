/** Rules of what happens when nobody looks: alarms, a way back, logs that end. */
import { CfnParameter, Fn, type Stack } from 'aws-cdk-lib';
import { Alarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { type BaseService, type CfnService, DeploymentControllerType, LogDriver } from 'aws-cdk-lib/aws-ecs';
import { CfnLogGroup, LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Monitoring } from 'cdk-model-api';
import { describe, expect, test } from 'vitest';
import { found, foundInForeign, foundInOurs, ours } from './checked';
import { type Foreign, foreignIn } from './foreign';

describe('NoAlarms', () => {
  const OURS = 'warning NoAlarms Stack/Api/Service/Service';
  const THEIRS = 'warning NoAlarms Stack/Service/Service';
  const alarm = (stack: Stack, metric: Metric) =>
    new Alarm(stack, 'Alarm', { metric, threshold: 1, evaluationPeriods: 1 });

  test('is kept by the standard monitoring, and by one alarm on the targets', () => {
    expect(foundInOurs()).toEqual([]);
    expect(foundInForeign()).toEqual([]);
  });

  test('is broken where alarms only scale the service, or take its deployments back', () => {
    expect(foundInOurs({ monitoring: Monitoring.none() })).toEqual([OURS]);
    expect(foundInForeign({ isWatched: false })).toEqual([THEIRS]);
  });

  test('is kept by an alarm of your own on a metric of the API', () => {
    const own = (stack: Stack) => {
      const api = ours(stack, { monitoring: Monitoring.none() });
      alarm(stack, api.metricLatency());
    };
    expect(found(own)).toEqual([]);
  });

  test('is kept by an alarm on the metrics of the service, by reference or by name', () => {
    const byReference = (stack: Stack) => {
      alarm(stack, foreignIn(stack, { isWatched: false }).service.metricCpuUtilization());
    };
    const byName = (stack: Stack) => {
      foreignIn(stack, { isWatched: false, service: { serviceName: 'models' } });
      const dimensionsMap = { ClusterName: 'cluster', ServiceName: 'models' };
      alarm(stack, new Metric({ namespace: 'AWS/ECS', metricName: 'CPUUtilization', dimensionsMap }));
    };
    expect([found(byReference), found(byName)]).toEqual([[], []]);
  });

  test('is not kept by an alarm on somebody else', () => {
    const other = (stack: Stack) => {
      foreignIn(stack, { isWatched: false });
      alarm(stack, ours(stack).service.metricCpuUtilization() as Metric);
    };
    expect(found(other)).toEqual([THEIRS]);
  });

  test('does not say that a name is another one which only the deployment knows', () => {
    const apiName = Fn.importValue('name');
    expect(foundInOurs({ apiName })).toEqual([]);
  });
});

describe('NoRollback', () => {
  const THEIRS = 'NoRollback Stack/Service/Service';
  const breaker = (name: string, value: unknown) => (served: { readonly service: BaseService }) =>
    (served.service.node.defaultChild as CfnService).addPropertyOverride(
      `DeploymentConfiguration.DeploymentCircuitBreaker.${name}`,
      value,
    );

  test('is kept by an API, and by a circuit breaker that goes back', () => {
    expect(foundInOurs()).toEqual([]);
    expect(foundInForeign()).toEqual([]);
  });

  test('is broken without one, or by one that only stops', () => {
    expect(foundInForeign({ service: { circuitBreaker: undefined } })).toEqual([`warning ${THEIRS}`]);
    expect(foundInForeign({ service: { circuitBreaker: { rollback: false } } })).toEqual([`warning ${THEIRS}`]);
    expect(foundInOurs({}, breaker('Rollback', false))).toEqual(['warning NoRollback Stack/Api/Service/Service']);
  });

  test('does not concern deployments that others control', () => {
    const deploymentController = { type: DeploymentControllerType.CODE_DEPLOY };
    expect(foundInForeign({ service: { deploymentController, circuitBreaker: undefined } })).toEqual([]);
  });

  test('is not judged where only the deployment knows', () => {
    expect(foundInForeign({}, breaker('Enable', Fn.ref('Parameter')))).toEqual([`info ${THEIRS}`]);
  });
});

describe('LogsKeptForever', () => {
  const logsTo = (groupIn: (stack: Stack) => LogDriver) =>
    found((stack) => foreignIn(stack, { container: { logging: groupIn(stack) } }));

  test('is kept by an API, and by a log group with a retention', () => {
    expect(foundInOurs({ logRetention: RetentionDays.TEN_YEARS })).toEqual([]);
    expect(foundInForeign()).toEqual([]);
  });

  test('is broken by a log group without one', () => {
    const unasked = () => LogDriver.awsLogs({ streamPrefix: 'server' });
    expect(logsTo(unasked)).toEqual(['warning LogsKeptForever Stack/Task/Server/LogGroup/Resource']);
    expect(foundInOurs({ logRetention: RetentionDays.INFINITE })).toEqual([
      'warning LogsKeptForever Stack/Api/LogGroup/Resource',
    ]);
  });

  test('is broken by one that the agent makes', () => {
    const made = ({ taskDefinition }: Foreign) =>
      Object.entries({ 'awslogs-group': 'theirs', 'awslogs-create-group': 'true' }).forEach(([name, value]) => {
        const path = `ContainerDefinitions.0.LogConfiguration.Options.${name}`;
        (taskDefinition.node.defaultChild as CfnService).addPropertyOverride(path, value);
      });
    expect(foundInForeign({}, made)).toEqual(['warning LogsKeptForever Stack/Task/Resource']);
  });

  test('sees a log group by its name', () => {
    const named = (stack: Stack) => {
      new CfnLogGroup(stack, 'Named', { logGroupName: 'theirs' });
      return LogDriver.awsLogs({
        streamPrefix: 'server',
        logGroup: LogGroup.fromLogGroupName(stack, 'Same', 'theirs'),
      });
    };
    expect(logsTo(named)).toEqual(['warning LogsKeptForever Stack/Named']);
  });

  test('is not judged of a log group that another app defines, or that only the deployment knows', () => {
    const theirs = (stack: Stack) =>
      LogDriver.awsLogs({ streamPrefix: 'server', logGroup: LogGroup.fromLogGroupName(stack, 'Same', 'theirs') });
    const open = (stack: Stack) => {
      const { valueAsString: name } = new CfnParameter(stack, 'Name');
      return LogDriver.awsLogs({ streamPrefix: 'server', logGroup: LogGroup.fromLogGroupName(stack, 'Same', name) });
    };
    expect(logsTo(theirs)).toEqual(['info LogsKeptForever Stack/Task/Resource']);
    expect(logsTo(open)).toEqual(['info LogsKeptForever Stack/Task/Resource']);
  });
});
