/**
 * Sends one request through a deployed stack's probe function, which reaches replicas that nobody outside their VPC
 * can. The AWS clients are loaded here and nowhere else: they are most of the command line's size.
 */
import { CloudFormationClient, DescribeStacksCommand, type Output } from '@aws-sdk/client-cloudformation';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { ProbeAnswer, ProbeEvent } from '../../runtime/contract/probe';
import { CommandFailure, EXIT, usageFailure } from '../failure';
import type { Answer } from './answer';
import { explained } from './aws-failure';

export interface StackOptions {
  readonly stack: string;
  /** The construct id of the API, where the stack has several. */
  readonly api?: string;
  readonly region?: string;
  readonly profile?: string;
}

/** A part of the output's name: the construct's path comes before it, a hash after it. */
const PROBE_OUTPUT = 'ProbeFunctionName';

export async function predictThroughStack(options: StackOptions, body: string, signal: AbortSignal): Promise<Answer> {
  // The warning that Node 20 is old speaks to those who install the SDK; here it comes bundled.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
  const client = { region: options.region, profile: options.profile };
  const outputs = await stackOutputs(new CloudFormationClient(client), options.stack, signal);
  const functionName = probeFunction(outputs, options);
  return invoke(new LambdaClient(client), functionName, body, signal);
}

async function stackOutputs(client: CloudFormationClient, stack: string, signal: AbortSignal): Promise<Output[]> {
  const found = await explained(`read stack ${stack}`, signal, () =>
    client.send(new DescribeStacksCommand({ StackName: stack }), { abortSignal: signal }),
  );
  return found.Stacks?.[0]?.Outputs ?? [];
}

function probeFunction(outputs: Output[], { stack, api }: StackOptions): string {
  const probes = outputs.filter(({ OutputKey }) => OutputKey?.includes(PROBE_OUTPUT));
  if (probes.length === 0) throw noProbe(stack);
  const chosen = probes.filter((output) => api === undefined || api === apiOf(output));
  if (chosen.length === 1) return chosen[0].OutputValue as string;
  const names = probes.map(apiOf).join(', ');
  throw usageFailure('api_ambiguous', `Stack ${stack} has these APIs: ${names}.`, { hint: 'Choose one: --api NAME' });
}

/** What stands before the output's own name: the construct's path without its slashes. */
function apiOf({ OutputKey = '' }: Output): string {
  return OutputKey.slice(0, OutputKey.indexOf(PROBE_OUTPUT));
}

function noProbe(stack: string): CommandFailure {
  return new CommandFailure(
    'no_probe',
    EXIT.failed,
    `Stack ${stack} has no output *${PROBE_OUTPUT}*: it holds no ModelApi.`,
    {
      hint: 'Give the stack that defines new ModelApi(...), and deploy it first.',
    },
  );
}

async function invoke(client: LambdaClient, functionName: string, body: string, signal: AbortSignal): Promise<Answer> {
  const event: ProbeEvent = { body };
  const response = await explained(`invoke ${functionName}`, signal, () =>
    client.send(new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(event) }), {
      abortSignal: signal,
    }),
  );
  const payload = JSON.parse(response.Payload?.transformToString() || '{}');
  if (response.FunctionError) throw probeFailure(functionName, payload);
  const { statusCode, body: answered } = payload as ProbeAnswer;
  return { status: statusCode, body: answered };
}

function probeFailure(functionName: string, error: { errorMessage?: string; errorType?: string }): CommandFailure {
  return new CommandFailure(
    'probe_failed',
    EXIT.unreachable,
    `The probe function ${functionName} could not reach a replica: ${error.errorMessage ?? error.errorType ?? 'no reason given'}`,
    { hint: `Is one ready? aws logs tail /aws/lambda/${functionName} has more.` },
  );
}
