/** What CloudFormation makes of a template's functions, for the functions and attributes that our templates use. */
import { ACCOUNT, REGION } from '../setup/moto/server';
import type { DeployedStack } from './deployment';

const PSEUDO: Record<string, string> = {
  'AWS::AccountId': ACCOUNT,
  'AWS::Partition': 'aws',
  'AWS::Region': REGION,
  'AWS::URLSuffix': 'amazonaws.com',
};

/** `Fn::GetAtt`: attributes by type, each computed from the physical id. */
const ATTRIBUTES: Record<string, (physicalId: string) => string> = {
  'AWS::CloudWatch::Alarm.Arn': alarmArn,
  'AWS::CloudWatch::CompositeAlarm.Arn': alarmArn,
  'AWS::EC2::SecurityGroup.GroupId': (id) => id,
  'AWS::ECS::Service.Name': (arn) => arn.split('/').at(-1) ?? '',
  'AWS::ElasticLoadBalancingV2::LoadBalancer.LoadBalancerFullName': (arn) => arn.split(':loadbalancer/').at(-1) ?? '',
  'AWS::ElasticLoadBalancingV2::TargetGroup.TargetGroupFullName': (arn) => arn.split(':').at(-1) ?? '',
  'AWS::IAM::Role.Arn': (name) => `arn:aws:iam::${ACCOUNT}:role/${name}`,
  'AWS::Lambda::Function.Arn': (name) => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`,
  'AWS::Logs::LogGroup.Arn': (name) => `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${name}:*`,
  'AWS::S3::Bucket.Arn': (name) => `arn:aws:s3:::${name}`,
  'AWS::WAFv2::WebACL.Arn': (id) => {
    const [name, uuid] = id.split('|');
    return `arn:aws:wafv2:${REGION}:${ACCOUNT}:regional/webacl/${name}/${uuid}`;
  },
};

function alarmArn(name: string): string {
  return `arn:aws:cloudwatch:${REGION}:${ACCOUNT}:alarm:${name}`;
}

/**
 * A value of the stack's template, given all that was deployed. Throws for a function, a resource or an attribute it does
 * not know, so that nothing unresolved is sent anywhere.
 */
export function resolve(value: unknown, stack: DeployedStack, stacks: readonly DeployedStack[]): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, stack, stacks));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [name, argument] = entries[0] ?? [];
  if (entries.length === 1 && (name === 'Ref' || name?.startsWith('Fn::'))) return call(name, argument, stack, stacks);
  return Object.fromEntries(entries.map(([key, item]) => [key, resolve(item, stack, stacks)]));
}

function call(name: string, argument: unknown, stack: DeployedStack, stacks: readonly DeployedStack[]): unknown {
  if (name === 'Ref') return reference(argument as string, stack);
  if (name === 'Fn::GetAtt') return attribute(argument as [string, string], stack);
  if (name === 'Fn::Sub') return (argument as string).replace(/\$\{(.+?)\}/g, (_, id) => reference(id, stack));
  if (name === 'Fn::ImportValue') return exported(argument as string, stacks);
  if (name === 'Fn::GetStackOutput') return output(argument as StackOutput, stacks);
  const [first, second] = resolve(argument, stack, stacks) as [string, string[]];
  if (name === 'Fn::Join') return second.join(first);
  if (name === 'Fn::Select') return second[Number(first)];
  if (name === 'Fn::Split') return (second as unknown as string).split(first);
  throw new Error(`this resolver does not know ${name}`);
}

function reference(name: string, stack: DeployedStack): string {
  return PSEUDO[name] ?? physicalId(name, stack);
}

function attribute([logicalId, name]: [string, string], stack: DeployedStack): string {
  const key = `${stack.template.Resources[logicalId]?.Type}.${name}`;
  const compute = ATTRIBUTES[key];
  if (compute === undefined) throw new Error(`this resolver does not know ${key}`);
  return compute(physicalId(logicalId, stack));
}

function physicalId(logicalId: string, { physicalIds }: DeployedStack): string {
  const id = physicalIds.get(logicalId);
  if (id === undefined) throw new Error(`${logicalId} was not deployed`);
  return id;
}

interface StackOutput {
  readonly StackName: string;
  readonly OutputName: string;
}

/** The CDK calls an export by its stack and its output. */
function exported(name: string, stacks: readonly DeployedStack[]): string {
  const [StackName = '', OutputName = ''] = name.split(':');
  return output({ StackName, OutputName }, stacks);
}

function output({ StackName, OutputName }: StackOutput, stacks: readonly DeployedStack[]): string {
  const value = stacks.find(({ stackName }) => stackName === StackName)?.outputs.get(OutputName);
  if (value === undefined) throw new Error(`${StackName} has no output ${OutputName}`);
  return value;
}
