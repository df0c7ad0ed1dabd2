/** Rules of how a replica starts: the time it gets to load, and that it has predicted before it is called. */
import { type App, CfnParameter, Duration } from 'aws-cdk-lib';
import { type BaseService, type CfnService, ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { type ModelApiProps, ModelHandler } from 'cdk-model-api';
import { describe, expect, test } from 'vitest';
import { stackIn } from '../declaration';
import {
  checkedApp,
  found,
  foundIn,
  foundInBuilt,
  foundInForeign,
  foundInOurs,
  giveGpu,
  ours,
  WITHOUT_SAMPLES,
} from './checked';
import { type Foreign, foreignIn } from './foreign';

type Served = { readonly service: BaseService };

describe('NoLoadGrace', () => {
  const OURS = 'error NoLoadGrace Stack/Api/Service/Service';
  const THEIRS = 'error NoLoadGrace Stack/Service/Service';
  const serviceOf = ({ service }: Served) => service.node.defaultChild as CfnService;

  test('is kept by an API, however long its model loads', () => {
    expect(foundInOurs()).toEqual([]);
    expect(foundInOurs({ loadTimeout: Duration.minutes(40) })).toEqual([]);
  });

  test('is broken where the grace period is shorter than the load timeout, by an override too', () => {
    expect(foundInOurs({}, (api) => serviceOf(api).addPropertyOverride('HealthCheckGracePeriodSeconds', 599))).toEqual([
      OURS,
    ]);
    const shortest = (api: Served) => {
      serviceOf(api).healthCheckGracePeriodSeconds = 600;
    };
    expect(foundInOurs({}, shortest)).toEqual([]);
  });

  test('is broken where a service has none, or the minute that the CDK gives to all', () => {
    expect(foundInForeign({ service: { healthCheckGracePeriod: undefined } })).toEqual([THEIRS]);
    expect(foundInForeign({ service: { healthCheckGracePeriod: Duration.seconds(60) } })).toEqual([THEIRS]);
    expect(foundInForeign({ service: { healthCheckGracePeriod: Duration.seconds(61) } })).toEqual([]);
    const none = (foreign: Served) => serviceOf(foreign).addPropertyDeletionOverride('HealthCheckGracePeriodSeconds');
    expect(foundInForeign({}, none)).toEqual([THEIRS]);
  });

  test('goes by the start period of the container where that says how long a start takes', () => {
    const healthCheck = (seconds: number) => ({ command: ['CMD', 'ask'], startPeriod: Duration.seconds(seconds) });
    const service = { healthCheckGracePeriod: Duration.seconds(60) };
    expect(foundInForeign({ service, container: { healthCheck: healthCheck(30) } })).toEqual([]);
    expect(foundInForeign({ service, container: { healthCheck: healthCheck(300) } })).toEqual([THEIRS]);
  });

  test('does not concern a service without a load balancer', () => {
    const unlisted = (foreign: Served) => {
      serviceOf(foreign).addPropertyDeletionOverride('LoadBalancers');
      serviceOf(foreign).addPropertyDeletionOverride('HealthCheckGracePeriodSeconds');
    };
    expect(foundInForeign({}, unlisted).filter((finding) => finding.includes('NoLoadGrace'))).toEqual([]);
  });

  test('is not judged where only the deployment knows', () => {
    const stack = stackIn(checkedApp());
    const seconds = new CfnParameter(stack, 'Seconds', { type: 'Number' }).valueAsNumber;
    foreignIn(stack, { service: { healthCheckGracePeriod: Duration.seconds(seconds) } });
    expect(foundIn(stack)).toEqual(['info NoLoadGrace Stack/Service/Service']);
  });
});

describe('GpuWithoutWarmUp', () => {
  const OURS = 'GpuWithoutWarmUp Stack/Api/Task/Definition/Resource';
  const THEIRS = 'GpuWithoutWarmUp Stack/Balancer/Listener/TargetsGroup/Resource';
  const oursWithGpu = (props: Partial<ModelApiProps> = {}) =>
    foundInBuilt((stack) => giveGpu(ours(stack, props).taskDefinition));
  const withGpu = ({ taskDefinition }: Foreign) => giveGpu(taskDefinition);

  test('is kept by an API whose model directory has samples', () => {
    expect(oursWithGpu()).toEqual([]);
  });

  test('is broken by an API without samples, or one that does not use them', () => {
    const handler = ModelHandler.fromDirectory(WITHOUT_SAMPLES);
    expect(oursWithGpu({ handler })).toEqual([`warning ${OURS}`]);
    expect(oursWithGpu({ warmUp: false })).toEqual([`warning ${OURS}`]);
  });

  test('is not judged of an API whose image was built elsewhere', () => {
    const handler = ModelHandler.fromImage(
      ContainerImage.fromRegistry(`registry.example/model@sha256:${'0'.repeat(64)}`),
    );
    expect(oursWithGpu({ handler })).toEqual([`info ${OURS}`]);
  });

  test('concerns GPUs alone', () => {
    expect(foundInOurs({ warmUp: false })).toEqual([]);
    expect(foundInForeign()).toEqual([]);
  });

  test('is kept by a service whose load balancer asks a route of its own, or starts slowly', () => {
    expect(foundInForeign({ targets: { healthCheck: { path: '/ready' } } }, withGpu)).toEqual([]);
    expect(foundInForeign({ targets: { slowStart: Duration.seconds(60) } }, withGpu)).toEqual([]);
  });

  test('is broken by a service that is ready as soon as anything answers', () => {
    expect(foundInForeign({}, withGpu)).toEqual([`warning ${THEIRS}`]);
    expect(foundInForeign({ targets: { healthCheck: { path: '/' } } }, withGpu)).toEqual([`warning ${THEIRS}`]);
  });

  test('is not judged of a service whose target group is of another app', () => {
    const findings = found((stack) => {
      const { service, taskDefinition } = foreignIn(stack);
      giveGpu(taskDefinition);
      const arn = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/theirs/0123456789abcdef';
      const targetGroup = ApplicationTargetGroup.fromTargetGroupAttributes(stack, 'Theirs', { targetGroupArn: arn });
      (service.node.defaultChild as CfnService).loadBalancers = [
        { targetGroupArn: targetGroup.targetGroupArn, containerName: 'Server', containerPort: 8000 },
      ];
    });
    expect(findings).toContain('info GpuWithoutWarmUp Stack/Service/Service');
  });

  test('judges an API by its own directory where there are others', () => {
    const stack = stackIn(checkedApp({ isBuilt: true }));
    const platform = ours(stack, { path: '/a' }).platform;
    const handler = ModelHandler.fromDirectory(WITHOUT_SAMPLES);
    const other = ours(stackIn(stack.node.root as App, 'Other'), { platform, handler, path: '/b' });
    giveGpu(other.taskDefinition);
    expect(foundIn(stack)).toEqual(['warning GpuWithoutWarmUp Other/Api/Task/Definition/Resource']);
  });
});
