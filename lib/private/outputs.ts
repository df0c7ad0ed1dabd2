/** What `cdk deploy` prints: where the API is, and the next commands to type. */
import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

export interface Outputs {
  readonly url: string;
  readonly logGroupName: string;
  readonly probeFunctionName: string;
  readonly dashboardName?: string;
}

export function defineOutputs(scope: Construct, outputs: Outputs): void {
  const { stackName, region } = Stack.of(scope);
  const predict = `npx cdk-model-api predict --stack ${stackName} --json @body.json`;
  output(scope, 'Url', outputs.url, 'Where the API answers');
  output(scope, 'PredictCommand', predict, 'Asks for a prediction through the probe function, from outside the VPC');
  output(scope, 'LogsCommand', `aws logs tail ${outputs.logGroupName} --follow`, 'Shows the logs as they come');
  output(scope, 'ProbeFunctionName', outputs.probeFunctionName, 'The function that PredictCommand invokes');
  if (outputs.dashboardName === undefined) return;
  const console = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}`;
  output(scope, 'DashboardUrl', `${console}#dashboards/dashboard/${outputs.dashboardName}`, 'The dashboard');
}

function output(scope: Construct, id: string, value: string, description: string): void {
  new CfnOutput(scope, id, { value, description });
}
