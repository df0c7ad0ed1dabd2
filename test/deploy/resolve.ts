/** What CloudFormation makes of a template's functions, for the functions and attributes that our templates use. */
import { ACCOUNT, REGION } from '../setup/moto/server';
import type { Template } from './cdk';

export interface Deployed {
  readonly template: Template;
  /** By logical id. */
  readonly physicalIds: ReadonlyMap<string, string>;
}

const PSEUDO: Record<string, string> = {
  'AWS::AccountId': ACCOUNT,
  'AWS::Partition': 'aws',
  'AWS::Region': REGION,
  'AWS::URLSuffix': 'amazonaws.com',
};

/** `Fn::GetAtt`: attributes by type, each computed from the physical id. */
const ATTRIBUTES: Record<string, (physicalId: string) => string> = {
  'AWS::EC2::SecurityGroup.GroupId': (id) => id,
  'AWS::ECS::Service.Name': (arn) => arn.split('/').at(-1) ?? '',
  'AWS::ElasticLoadBalancingV2::LoadBalancer.LoadBalancerFullName': (arn) => arn.split(':loadbalancer/').at(-1) ?? '',
  'AWS::ElasticLoadBalancingV2::TargetGroup.TargetGroupFullName': (arn) => arn.split(':').at(-1) ?? '',
  'AWS::S3::Bucket.Arn': (name) => `arn:aws:s3:::${name}`,
};

/** Throws for a function, a resource or an attribute it does not know, so that nothing unresolved is sent anywhere. */
export function resolve(value: unknown, deployed: Deployed): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, deployed));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [name, argument] = entries[0] ?? [];
  if (entries.length === 1 && (name === 'Ref' || name?.startsWith('Fn::'))) return call(name, argument, deployed);
  return Object.fromEntries(entries.map(([key, item]) => [key, resolve(item, deployed)]));
}

function call(name: string, argument: unknown, deployed: Deployed): unknown {
  if (name === 'Ref') return PSEUDO[argument as string] ?? physicalId(argument as string, deployed);
  if (name === 'Fn::GetAtt') return attribute(argument as [string, string], deployed);
  const [first, second] = resolve(argument, deployed) as [string, string[]];
  if (name === 'Fn::Join') return second.join(first);
  if (name === 'Fn::Select') return second[Number(first)];
  if (name === 'Fn::Split') return (second as unknown as string).split(first);
  throw new Error(`this resolver does not know ${name}`);
}

function attribute([logicalId, name]: [string, string], deployed: Deployed): string {
  const key = `${deployed.template.Resources[logicalId]?.Type}.${name}`;
  const compute = ATTRIBUTES[key];
  if (compute === undefined) throw new Error(`this resolver does not know ${key}`);
  return compute(physicalId(logicalId, deployed));
}

function physicalId(logicalId: string, { physicalIds }: Deployed): string {
  const id = physicalIds.get(logicalId);
  if (id === undefined) throw new Error(`${logicalId} was not deployed`);
  return id;
}
