/** Two target groups behind the rule of a load balancer, in an emulator that the environment names. */
import { CreateSubnetCommand, CreateVpcCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  ModifyRuleCommand,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Serving } from '../serve';

export type Which = 'primary' | 'alternate';

export class TargetGroups {
  private constructor(
    readonly primary: string,
    readonly alternate: string,
    readonly rule: string,
  ) {}

  /** All requests go to the first. */
  static async create(): Promise<TargetGroups> {
    const elb = new ElasticLoadBalancingV2Client();
    const { vpc, subnets } = await network();
    const Name = `turns-${crypto.randomUUID().slice(0, 8)}`;
    const { LoadBalancers } = await elb.send(new CreateLoadBalancerCommand({ Name, Subnets: subnets }));
    const LoadBalancerArn = LoadBalancers?.[0]?.LoadBalancerArn as string;
    const [primary, alternate] = [await groupIn(vpc, `${Name}-1`), await groupIn(vpc, `${Name}-2`)];
    const DefaultActions = [{ Type: 'fixed-response' as const, FixedResponseConfig: { StatusCode: '404' } }];
    const listener = new CreateListenerCommand({ LoadBalancerArn, Port: 80, Protocol: 'HTTP', DefaultActions });
    const { Listeners } = await elb.send(listener);
    const Conditions = [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/*'] } }];
    const Actions = [forward({ [primary]: 100, [alternate]: 0 })];
    const ListenerArn = Listeners?.[0]?.ListenerArn as string;
    const { Rules } = await elb.send(new CreateRuleCommand({ ListenerArn, Priority: 1, Conditions, Actions }));
    return new TargetGroups(primary, alternate, Rules?.[0]?.RuleArn as string);
  }

  /** What the functions are told. */
  get environment(): Record<string, string> {
    const { primary, alternate, rule } = this;
    return { TARGET_GROUP_ARN: primary, ALTERNATE_TARGET_GROUP_ARN: alternate, LISTENER_RULE_ARN: rule };
  }

  /** An address has one replica: that of the second is another of the same machine. */
  async register(which: Which, { url }: Pick<Serving, 'url'>, address = '127.0.0.1'): Promise<void> {
    const Targets = [{ Id: address, Port: Number(new URL(url).port) }];
    const TargetGroupArn = this[which];
    await new ElasticLoadBalancingV2Client().send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
  }

  /** As Amazon ECS moves callers. */
  async weigh(weights: Readonly<Record<Which, number>>): Promise<void> {
    const Actions = [forward({ [this.primary]: weights.primary, [this.alternate]: weights.alternate })];
    await new ElasticLoadBalancingV2Client().send(new ModifyRuleCommand({ RuleArn: this.rule, Actions }));
  }
}

function forward(weights: Readonly<Record<string, number>>) {
  const TargetGroups = Object.entries(weights).map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight }));
  return { Type: 'forward' as const, ForwardConfig: { TargetGroups } };
}

async function network(): Promise<{ vpc: string; subnets: string[] }> {
  const ec2 = new EC2Client();
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }));
  const VpcId = Vpc?.VpcId as string;
  const subnets = ['a', 'b'].map(async (zone, index) => {
    const AvailabilityZone = `${process.env.AWS_REGION}${zone}`;
    const subnet = new CreateSubnetCommand({ VpcId, AvailabilityZone, CidrBlock: `10.0.${index}.0/24` });
    return (await ec2.send(subnet)).Subnet?.SubnetId as string;
  });
  return { vpc: VpcId, subnets: await Promise.all(subnets) };
}

async function groupIn(VpcId: string, Name: string): Promise<string> {
  const group = { Name, Protocol: 'HTTP', Port: 8080, VpcId, TargetType: 'ip' } as const;
  const { TargetGroups } = await new ElasticLoadBalancingV2Client().send(new CreateTargetGroupCommand(group));
  return TargetGroups?.[0]?.TargetGroupArn as string;
}
