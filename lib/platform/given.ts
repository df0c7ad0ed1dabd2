/**
 * The parts of a platform that are there already: what they know of themselves, and where they contradict each other. An
 * imported part answers what it was imported with, and throws when it is asked for more.
 */
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { ICluster } from 'aws-cdk-lib/aws-ecs';
import type {
  ApplicationListener,
  IApplicationListener,
  IApplicationLoadBalancer,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IConstruct } from 'constructs';
import { type Check, isKnown } from '../private/check';

export interface GivenParts {
  readonly vpc?: IVpc;
  readonly cluster?: ICluster;
  readonly loadBalancer?: IApplicationLoadBalancer;
  readonly listener?: IApplicationListener;
}

/** What the CDK has for a load balancer, a listener and a VPC until it has looked them up. */
const NOT_LOOKED_UP = /\/my-load-balancer\/50dc6c495c0c9188|^vpc-12345$/;

/** Whether a part is a stand-in until the CDK has looked it up; what it says of itself is not so. */
export function isPending(id: string): boolean {
  return NOT_LOOKED_UP.test(id);
}

/** A listener that this app defines knows its load balancer; an imported one does not. */
export function loadBalancerOf(listener?: IApplicationListener): IApplicationLoadBalancer | undefined {
  return (listener as ApplicationListener | undefined)?.loadBalancer;
}

/** Undefined for a cluster that was imported by its ARN. */
export function vpcOf(cluster?: ICluster): IVpc | undefined {
  return known(() => cluster?.vpc);
}

/** Asks an imported part; undefined when it does not know. */
function known<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}

export function checkGiven(check: Check, parts: GivenParts): void {
  checkCluster(check, parts);
  const { listener, loadBalancer = loadBalancerOf(listener) } = parts;
  check.that(
    !listener || loadBalancer !== undefined,
    'listener was imported and does not know its load balancer: give loadBalancer too',
  );
  if (!loadBalancer) return;
  checkLoadBalancer(check, loadBalancer, parts);
  if (listener) checkListener(check, listener, loadBalancer);
}

function checkCluster(check: Check, { vpc, cluster }: GivenParts): void {
  if (!cluster) return;
  const own = vpcOf(cluster);
  check.that(!(vpc && own), 'vpc and cluster exclude each other: the cluster has its VPC. Leave out vpc');
  check.that(
    Boolean(vpc ?? own),
    `the cluster ${cluster.node.path} was imported and does not know its VPC: give vpc beside it, or import it by Cluster.fromClusterAttributes() with its vpc`,
  );
}

function checkLoadBalancer(check: Check, loadBalancer: IApplicationLoadBalancer, { vpc, cluster }: GivenParts): void {
  const { vpc: its, node } = loadBalancer;
  const ours = vpc ?? vpcOf(cluster);
  check.that(
    Boolean(ours ?? its ?? cluster),
    'loadBalancer was imported and does not know its VPC: give vpc or cluster too',
  );
  check.that(
    !ours || !its || !differ([ours, ours.vpcId], [its, its.vpcId]),
    `the load balancer ${node.path} is in the VPC ${its?.node.path}, and replicas would be in ${ours?.node.path}, where it finds no targets: give a load balancer and a ${vpc ? 'vpc' : 'cluster'} of one VPC`,
  );
  check.that(
    known(() => loadBalancer.loadBalancerDnsName) !== undefined,
    `the load balancer ${node.path} was imported and does not know its DNS name: give loadBalancerDnsName to fromApplicationLoadBalancerAttributes()`,
  );
}

function checkListener(check: Check, listener: IApplicationListener, loadBalancer: IApplicationLoadBalancer): void {
  const its = loadBalancerOf(listener);
  const [id, arn] = [loadBalancer.loadBalancerArn, listener.listenerArn];
  const differs = its
    ? differ([its, its.loadBalancerArn], [loadBalancer, id])
    : isKnown(arn) && isKnown(id) && !isPending(arn) && !isPending(id) && balancerIn(arn) !== id;
  check.that(
    !differs,
    `the listener ${listener.node.path} is not one of the load balancer ${loadBalancer.node.path}, but of ${its?.node.path ?? balancerIn(arn)}: give the two that belong together`,
  );
}

/** The ARN of a listener has that of its load balancer within. */
function balancerIn(listenerArn: string): string {
  return listenerArn.replace(':listener/', ':loadbalancer/').replace(/\/[^/]+$/, '');
}

type Identified = readonly [part: IConstruct, id: string];

/** Whether two parts are two for sure: what only the deployment knows may turn out to be one. */
function differ([one, id]: Identified, [other, otherId]: Identified): boolean {
  if (one === other || isPending(id) || isPending(otherId)) return false;
  if (isKnown(id) && isKnown(otherId)) return id !== otherId;
  return one.node.defaultChild !== undefined && other.node.defaultChild !== undefined;
}

/** An alias record needs the zone of the load balancer's own name. */
export function checkAlias(check: Check, loadBalancer: IApplicationLoadBalancer): void {
  check.that(
    known(() => loadBalancer.loadBalancerCanonicalHostedZoneId) !== undefined,
    `the load balancer ${loadBalancer.node.path} was imported and does not know its hosted zone, which the record of domainName needs: give loadBalancerCanonicalHostedZoneId to fromApplicationLoadBalancerAttributes(), or leave out hostedZone and bring the record yourself`,
  );
}
