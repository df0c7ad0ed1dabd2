/**
 * How many deployments of a service failed: Amazon ECS tells EventBridge, and EventBridge counts what its rules match.
 * The rule has no target; it is there to be counted.
 */
import { Duration } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import type { MonitoringSubject } from './subject';

const RULE_ID = 'DeploymentFailedRule';

export function failedDeployments(scope: Construct, subject: MonitoringSubject): Metric {
  const rule = (scope.node.tryFindChild(RULE_ID) as Rule | undefined) ?? defineRule(scope, subject);
  return new Metric({
    namespace: 'AWS/Events',
    metricName: 'TriggeredRules',
    dimensionsMap: { RuleName: rule.ruleName },
    statistic: Stats.SUM,
    period: Duration.minutes(1),
  });
}

/** @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html */
function defineRule(scope: Construct, { service }: MonitoringSubject): Rule {
  return new Rule(scope, RULE_ID, {
    description: 'Counts failed deployments of a model API for its alarm',
    eventPattern: {
      source: ['aws.ecs'],
      detailType: ['ECS Deployment State Change'],
      resources: [service.serviceArn],
      detail: { eventName: ['SERVICE_DEPLOYMENT_FAILED'] },
    },
  });
}
