/** What `cdk deploy` prints: where the API is, and the next commands to type. */
import { CfnOutput, Lazy, Stack, Token } from 'aws-cdk-lib';
import type { Dashboard } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction, Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type { Entry } from '../platform/entry';

/** What there is to print of an API. */
export interface Printed {
  readonly url: string;
  readonly logGroup: ILogGroup;
  readonly probeFunction: IFunction;
  readonly dashboard?: Dashboard;
  readonly rolloutCheckFunction?: LambdaFunction;
}

/** The command line finds the APIs of a stack by it; what stands before it is the API's name there. */
const PROBE_OUTPUT = 'ProbeFunctionName';

export function defineOutputs(scope: Construct, api: Printed, entry: Entry): void {
  const { url, logGroup, probeFunction, dashboard, rolloutCheckFunction: judge } = api;
  const { auth, unrecordedName, loadBalancer } = entry;
  const { region } = Stack.of(scope);
  const probe = output(scope, PROBE_OUTPUT, probeFunction.functionName, 'The function that PredictCommand invokes');
  const predict = Lazy.string({ produce: () => predictCommand(probe) });
  output(scope, 'Url', url, urlDescription(url, entry));
  if (unrecordedName)
    output(scope, 'CnameTarget', loadBalancer.loadBalancerDnsName, `Where ${unrecordedName} must lead`);
  if (auth.header)
    output(scope, 'CallCommand', callCommand(url, auth.header), `Asks for a prediction, by ${auth.name}`);
  output(scope, 'PredictCommand', predict, 'Asks for a prediction through the probe function, from outside the VPC');
  output(scope, 'LogsCommand', `aws logs tail ${logGroup.logGroupName} --follow`, 'Shows the logs as they come');
  if (judge) {
    const why = 'Shows what a new version was found to be before callers were led to it';
    output(scope, 'RolloutCheckCommand', `aws logs tail ${judge.logGroup.logGroupName} --follow`, why);
  }
  if (dashboard === undefined) return;
  const page = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}`;
  output(scope, 'DashboardUrl', `${page}#dashboards/dashboard/${dashboard.dashboardName}`, 'The dashboard');
}

/** Once the stack is whole, for only then it is known whether the API has to be named. */
function predictCommand(probe: CfnOutput): string {
  const { stack } = probe;
  const probes = stack.node.findAll().filter((one) => one.node.id === PROBE_OUTPUT && Stack.of(one) === stack);
  const [name] = String(stack.resolve(probe.logicalId)).split(PROBE_OUTPUT);
  const choice = probes.length > 1 ? ` --api ${name}` : '';
  return `npx cdk-model-api predict --stack ${stack.stackName}${choice} --json @body.json`;
}

function callCommand(url: string, header: string): string {
  return `curl -H "${header}" -H "Content-Type: application/json" --data @body.json ${url}/predict`;
}

/** A certificate is for a name, which the load balancer's own is not. */
function urlDescription(url: string, { unrecordedName, hostPattern }: Entry): string {
  if (hostPattern)
    return `Where the load balancer is; it leads callers to the API by names that fit ${hostPattern} only`;
  if (unrecordedName) return `Where the API answers once a DNS record of ${unrecordedName} leads to CnameTarget`;
  const named = !url.startsWith('https') || !Token.isUnresolved(url);
  return `Where the API answers${named ? '' : "; callers need a DNS name of the certificate's that leads there"}`;
}

function output(scope: Construct, id: string, value: string, description: string): CfnOutput {
  return new CfnOutput(scope, id, { value, description });
}
