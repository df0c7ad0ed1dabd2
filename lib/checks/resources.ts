/**
 * The resources of an app as their templates will have them, overrides included. A reference to another resource names
 * that by its construct's path, in whichever stack the two stand: how the CDK passes a value on does not matter here.
 */
import { CfnResource, DefaultTokenResolver, Reference, Stack, Tokenization } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { Property } from './property';

/** The types that rules look at. */
export const TYPES = {
  alarm: 'AWS::CloudWatch::Alarm',
  listener: 'AWS::ElasticLoadBalancingV2::Listener',
  listenerRule: 'AWS::ElasticLoadBalancingV2::ListenerRule',
  loadBalancer: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
  logGroup: 'AWS::Logs::LogGroup',
  repository: 'AWS::ECR::Repository',
  scalableTarget: 'AWS::ApplicationAutoScaling::ScalableTarget',
  scalingPolicy: 'AWS::ApplicationAutoScaling::ScalingPolicy',
  service: 'AWS::ECS::Service',
  targetGroup: 'AWS::ElasticLoadBalancingV2::TargetGroup',
  taskDefinition: 'AWS::ECS::TaskDefinition',
} as const;
export type ResourceType = keyof typeof TYPES;

export class Resource {
  constructor(
    public readonly construct: CfnResource,
    private readonly properties: Property,
  ) {}

  public get path(): string {
    return this.construct.node.path;
  }

  /** A property, or what is inside of one. */
  public at(...names: string[]): Property {
    return this.properties.at(...names);
  }
}

export class Resources {
  private readonly all: CfnResource[];
  private readonly rendered = new Map<ResourceType, Resource[]>();

  constructor(root: IConstruct) {
    this.all = root.node.findAll().filter(CfnResource.isCfnResource);
  }

  public of(type: ResourceType): Resource[] {
    const there = this.rendered.get(type);
    if (there) return there;
    const found = this.all.filter(({ cfnResourceType }) => cfnResourceType === TYPES[type]);
    const rendered = found.map((construct) => new Resource(construct, propertiesOf(construct)));
    this.rendered.set(type, rendered);
    return rendered;
  }

  /** The resource that a property names, if this app defines it. */
  public named(type: ResourceType, property: Property): Resource | undefined {
    const { target } = property;
    return target === undefined ? undefined : this.of(type).find(({ path }) => path === target);
  }
}

/**
 * By the method that the CDK itself writes templates with, since no other one knows the overrides of a resource, and
 * those are how a property is set that a construct does not offer.
 */
function propertiesOf(resource: CfnResource): Property {
  const scope = Stack.of(resource);
  const rendered = Tokenization.resolve(resource._toCloudFormation(), { scope, resolver: BY_PATH, preparing: false });
  const [definition] = Object.values((rendered.Resources ?? {}) as Record<string, unknown>);
  return new Property(definition).at('Properties');
}

/** As CloudFormation would write it, but for the paths. */
class ByPath extends DefaultTokenResolver {
  public override resolveToken(...parts: Parameters<DefaultTokenResolver['resolveToken']>) {
    const [token] = parts;
    if (!Reference.isReference(token)) return super.resolveToken(...parts);
    return { 'Fn::GetAtt': [token.target.node.path, token.displayName] };
  }
}

const BY_PATH = new ByPath({ join: concatenated });

function concatenated(left: unknown, right: unknown): unknown {
  if (left === undefined || right === undefined) return left ?? right;
  const pieces: unknown[] = [];
  for (const piece of [...piecesOf(left), ...piecesOf(right)]) {
    const last = pieces.at(-1);
    if (isPlain(piece) && isPlain(last)) pieces[pieces.length - 1] = `${last}${piece}`;
    else pieces.push(piece);
  }
  return pieces.length === 1 ? pieces[0] : { 'Fn::Join': ['', pieces] };
}

function piecesOf(value: unknown): unknown[] {
  const join = (value as { 'Fn::Join'?: [string, unknown] } | null)?.['Fn::Join'];
  return join?.[0] === '' && Array.isArray(join[1]) ? join[1] : [value];
}

function isPlain(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}
