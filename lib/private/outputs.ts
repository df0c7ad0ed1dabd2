/** What `cdk deploy` prints: where the API is, and the next commands to type. */
import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/** What there is to print of an API. */
export interface Printed {
  readonly url: string;
  readonly logGroup: ILogGroup;
  readonly probeFunction: IFunction;
  readonly dashboard?: Dashboard;
}

export function defineOutputs(scope: Construct, { url, logGroup, probeFunction, dashboard }: Printed): void {
  const { stackName, region } = Stack.of(scope);
  const predict = `npx cdk-model-api predict --stack ${stackName} --json @body.json`;
  output(scope, 'Url', url, 'Where the API answers');
  output(scope, 'PredictCommand', predict, 'Asks for a prediction through the probe function, from outside the VPC');
  output(scope, 'LogsCommand', `aws logs tail ${logGroup.logGroupName} --follow`, 'Shows the logs as they come');
  output(scope, 'ProbeFunctionName', probeFunction.functionName, 'The function that PredictCommand invokes');
  if (dashboard === undefined) return;
  const page = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}`;
  output(scope, 'DashboardUrl', `${page}#dashboards/dashboard/${dashboard.dashboardName}`, 'The dashboard');
}

function output(scope: Construct, id: string, value: string, description: string): void {
  new CfnOutput(scope, id, { value, description });
}
