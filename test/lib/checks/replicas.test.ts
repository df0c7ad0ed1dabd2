/** Rules of how many replicas may run. */
import { CfnParameter, Lazy } from 'aws-cdk-lib';
import { CfnScalableTarget, CfnScalingPolicy, Schedule } from 'aws-cdk-lib/aws-applicationautoscaling';
import type { CfnService } from 'aws-cdk-lib/aws-ecs';
import { Scaling } from 'cdk-model-api';
import { describe, expect, test } from 'vitest';
import { stackIn } from '../declaration';
import { checkedApp, found, foundIn, foundInForeign, foundInOurs, ours } from './checked';
import { type Foreign, foreignIn } from './foreign';

const NO_MAXIMUM = 'NoMaximum Stack/Service/Service';
const SINGLE = 'SingleReplica Stack/Service/Service';

/** A scalable target that somebody wrote without the CDK's word for it. */
const scalableTarget = (resourceId: string) => ({
  resourceId,
  maxCapacity: 5,
  minCapacity: 1,
  scalableDimension: 'ecs:service:DesiredCount',
  serviceNamespace: 'ecs',
});

/** A scaling policy of the same kind; its resource is to be added. */
const POLICY = {
  policyName: 'busy',
  policyType: 'TargetTrackingScaling',
  scalableDimension: 'ecs:service:DesiredCount',
  serviceNamespace: 'ecs',
};

describe('NoMaximum', () => {
  test('is kept by an API, and by a service that is scaled', () => {
    expect(foundInOurs()).toEqual([]);
    expect(foundInForeign()).toEqual([]);
  });

  test('is broken by a service of a fixed number', () => {
    expect(foundInForeign({ maxCapacity: undefined, service: { desiredCount: 3 } })).toEqual([`warning ${NO_MAXIMUM}`]);
  });

  test('is broken by an API whose scaling was taken away', () => {
    const findings = foundInOurs({}, ({ service }) => service.node.tryRemoveChild('TaskCount'));
    expect(findings).toContain('warning NoMaximum Stack/Api/Service/Service');
  });

  test('sees a scalable target by the name of the service', () => {
    const findings = found((stack) => {
      foreignIn(stack, { maxCapacity: undefined, service: { serviceName: 'models', desiredCount: 2 } });
      new CfnScalableTarget(stack, 'Scaled', scalableTarget('service/cluster/models'));
      new CfnScalingPolicy(stack, 'Policy', { ...POLICY, resourceId: 'service/cluster/models' });
    });
    expect(findings).toEqual([]);
  });

  test('is broken by a scalable target that nothing moves', () => {
    const bounded = foundInForeign({ maxCapacity: undefined }, ({ service }) =>
      service.autoScaleTaskCount({ maxCapacity: 5 }),
    );
    expect(bounded).toEqual(['warning NoMaximum Stack/Service/TaskCount/Target/Resource']);
  });

  test('is kept by a schedule', () => {
    const scheduled = foundInForeign({ maxCapacity: undefined }, ({ service }) =>
      service
        .autoScaleTaskCount({ maxCapacity: 5 })
        .scaleOnSchedule('Morning', { schedule: Schedule.cron({ hour: '8', minute: '0' }), minCapacity: 3 }),
    );
    expect(scheduled).toEqual([]);
  });

  test('is not kept by the policy of another service', () => {
    const findings = found((stack) => {
      const { service } = foreignIn(stack, { maxCapacity: undefined });
      service.autoScaleTaskCount({ maxCapacity: 5 });
      new CfnScalingPolicy(stack, 'Policy', { ...POLICY, resourceId: 'service/cluster/other-models' });
    });
    expect(findings).toEqual(['warning NoMaximum Stack/Service/TaskCount/Target/Resource']);
  });

  test('is not judged where only the deployment knows whose a policy is', () => {
    const findings = found((stack) => {
      const { service } = foreignIn(stack, { maxCapacity: undefined });
      service.autoScaleTaskCount({ maxCapacity: 5 });
      const resourceId = new CfnParameter(stack, 'Whose').valueAsString;
      new CfnScalingPolicy(stack, 'Policy', { ...POLICY, resourceId });
    });
    expect(findings).toEqual(['info NoMaximum Stack/Service/TaskCount/Target/Resource']);
  });

  test('is not kept by what scales another service', () => {
    const findings = found((stack) => {
      foreignIn(stack, { maxCapacity: undefined, service: { serviceName: 'models', desiredCount: 2 } });
      new CfnScalableTarget(stack, 'Scaled', scalableTarget('service/cluster/other-models'));
    });
    expect(findings).toEqual([`warning ${NO_MAXIMUM}`]);
  });

  test('is not judged where only the deployment knows what is scaled', () => {
    const findings = found((stack) => {
      foreignIn(stack, { maxCapacity: undefined, service: { desiredCount: 2 } });
      new CfnScalableTarget(stack, 'Scaled', scalableTarget(new CfnParameter(stack, 'Whose').valueAsString));
    });
    expect(findings).toEqual([`info ${NO_MAXIMUM}`]);
  });

  test('does not concern a service with a replica on every instance', () => {
    const daemon = ({ service }: Foreign) =>
      (service.node.defaultChild as CfnService).addPropertyOverride('SchedulingStrategy', 'DAEMON');
    expect(foundInForeign({ maxCapacity: undefined }, daemon)).toEqual([]);
  });
});

describe('SingleReplica', () => {
  test('is kept where two replicas may run, and where a number of them does', () => {
    expect(foundInOurs({ scaling: Scaling.onCpu({ maxReplicas: 2 }) })).toEqual([]);
    expect(foundInForeign({ maxCapacity: 2 })).toEqual([]);
  });

  test('is broken by a maximum of one', () => {
    const target = 'TaskCount/Target/Resource';
    expect(foundInOurs({ scaling: Scaling.onCpu({ maxReplicas: 1 }) })).toEqual([
      `warning SingleReplica Stack/Api/Service/${target}`,
    ]);
    expect(foundInForeign({ maxCapacity: 1 })).toEqual([`warning SingleReplica Stack/Service/${target}`]);
  });

  test('is broken by a service that nothing scales and nobody gave a number', () => {
    expect(foundInForeign({ maxCapacity: undefined })).toEqual([`warning ${NO_MAXIMUM}`, `warning ${SINGLE}`]);
  });

  test('is not judged where only the deployment knows', () => {
    const stack = stackIn(checkedApp());
    const most = new CfnParameter(stack, 'Most', { type: 'Number' }).valueAsNumber;
    ours(stack, { scaling: Scaling.onCpu({ maxReplicas: most }) });
    expect(foundIn(stack)).toEqual(['info SingleReplica Stack/Api/Service/TaskCount/Target/Resource']);
  });

  test('knows what is lazy and known in the end', () => {
    const maxReplicas = Lazy.number({ produce: () => 1 });
    expect(foundInOurs({ scaling: Scaling.onCpu({ maxReplicas }) })).toEqual([
      'warning SingleReplica Stack/Api/Service/TaskCount/Target/Resource',
    ]);
  });
});
