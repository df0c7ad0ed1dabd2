/** A load balancer of a platform's own: it lets in nobody by itself, and takes no request that is not plain HTTP. */
import type { RemovalPolicy } from 'aws-cdk-lib';
import { type IPeer, type IVpc, Peer, Port, SecurityGroup, type SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { ApplicationLoadBalancer, DesyncMitigationMode } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import { MANAGEMENT_PORT, SERVING_DEFAULTS } from '../../runtime/contract/manifest';
import { acknowledge } from '../private/acknowledge';
import { logAccess } from './access-logs';
import { subnetsOfBalancer } from './subnets';

export interface LoadBalancerOptions {
  readonly vpc: IVpc;
  readonly vpcSubnets?: SubnetSelection;
  readonly loadBalancerSubnets?: SubnetSelection;
  readonly internetFacing: boolean;
  readonly removalPolicy: RemovalPolicy;
}

/** First and last: where a replica serves, and where it says how it is. */
const REPLICA_PORTS = [SERVING_DEFAULTS.port, MANAGEMENT_PORT] as const;

/**
 * The way to all replicas is one rule. The CDK adds two for each API, by their security groups, and AWS takes 60 rules in
 * a group: the thirty-first API could not be deployed. Who may reach a replica is still said by the replica's own group.
 * It names no address range, since a VPC may have several and synth need not know any.
 */
class BalancerSecurityGroup extends SecurityGroup {
  public override addEgressRule(peer: IPeer, port: Port, description?: string, remoteRule?: boolean): void {
    const { fromPort, toPort } = port.toRuleJson();
    const [first, last] = REPLICA_PORTS;
    const isReplica = 'destinationSecurityGroupId' in peer.toEgressRuleConfig();
    if (isReplica && fromPort >= first && toPort <= last) return;
    super.addEgressRule(peer, port, description, remoteRule);
  }
}

export function defineLoadBalancer(scope: Construct, options: LoadBalancerOptions): ApplicationLoadBalancer {
  const { vpc, internetFacing, removalPolicy } = options;
  const vpcSubnets = subnetsOfBalancer(scope, options);
  const description = 'Load balancer of model APIs';
  const securityGroup = new BalancerSecurityGroup(scope, 'SecurityGroup', {
    vpc,
    description,
    allowAllOutbound: false,
  });
  securityGroup.addEgressRule(Peer.anyIpv4(), Port.tcpRange(...REPLICA_PORTS), 'Replicas of model APIs');
  const loadBalancer = new ApplicationLoadBalancer(scope, 'LoadBalancer', {
    vpc,
    vpcSubnets,
    securityGroup,
    internetFacing,
    dropInvalidHeaderFields: true,
    desyncMitigationMode: DesyncMitigationMode.DEFENSIVE,
  });
  if (internetFacing) {
    const reason = 'Access.public was declared: the API is meant to be called from the internet.';
    acknowledge(securityGroup, 'EC23', reason);
    loadBalancer.addRedirect({ open: false });
  }
  logAccess(scope, loadBalancer, removalPolicy);
  return loadBalancer;
}
