/**
 * Where a platform's parts stand in a VPC that was given: replicas where there is a way out, a load balancer in one subnet
 * of each of two zones or more, as Elastic Load Balancing asks.
 */
import { Token } from 'aws-cdk-lib';
import { type ISubnet, type IVpc, type SelectedSubnets, type SubnetSelection, SubnetType } from 'aws-cdk-lib/aws-ec2';
import type { IConstruct } from 'constructs';
import { Check } from '../private/check';

const LEAST_ZONES = 2;

/** Those that match; none where the VPC has none of the kind, of which the CDK would throw. */
function selectedOf(vpc: IVpc, selection?: SubnetSelection): SelectedSubnets | undefined {
  try {
    const selected = vpc.selectSubnets(selection);
    return selected.subnets.length === 0 && !selected.isPendingLookup ? undefined : selected;
  } catch {
    return undefined;
  }
}

/** Throws where replicas have no subnets, or such as lead nobody out. */
export function checkReplicaSubnets(platform: IConstruct, vpc: IVpc, vpcSubnets?: SubnetSelection): void {
  const selected = selectedOf(vpc, vpcSubnets);
  const check = new Check(platform);
  check.that(
    selected !== undefined,
    `the VPC ${vpc.node.path} has no subnets for replicas (vpcSubnets: ${said(vpcSubnets, 'private ones')}): give vpcSubnets that it has, or import it with its privateSubnetIds`,
  );
  check.that(
    !selected?.hasPublic,
    `the subnets for replicas in the VPC ${vpc.node.path} are public, and without a public address nobody can pull an image there: give vpcSubnets that have a NAT gateway or endpoints`,
  );
  check.done();
}

export interface EntranceSubnets {
  readonly vpc: IVpc;
  readonly internetFacing: boolean;
  /** Of load balancers, where it was said. */
  readonly loadBalancerSubnets?: SubnetSelection;
  /** Of replicas. */
  readonly vpcSubnets?: SubnetSelection;
}

/**
 * One in each zone: of those that were said, else public ones for the internet and those of replicas for the VPC. Replicas
 * that are kept in one zone have their load balancer in private subnets of several.
 */
export function subnetsOfBalancer(entrance: IConstruct, options: EntranceSubnets): SubnetSelection {
  const { vpc, internetFacing, loadBalancerSubnets, vpcSubnets } = options;
  const byDefault = internetFacing ? { subnetType: SubnetType.PUBLIC } : ofReplicas(vpc, vpcSubnets);
  const selected = selectedOf(vpc, loadBalancerSubnets ?? byDefault);
  const subnets = onePerZone(selected?.subnets ?? []);
  const zones = subnets.map(zoneOf);
  const check = new Check(entrance);
  const kind = internetFacing ? 'an internet-facing' : 'an internal';
  check.that(
    selected?.isPendingLookup || Token.isUnresolved(vpc.availabilityZones) || subnets.length >= LEAST_ZONES,
    `${kind} load balancer needs subnets in ${LEAST_ZONES} zones, and in the VPC ${vpc.node.path} there are ${subnets.length} to choose from${zones.length > 0 ? ` (${zones.join(', ')})` : ''}: give the platform loadBalancerSubnets in ${LEAST_ZONES} zones, or a VPC that has ${internetFacing ? 'public' : 'private'} ones there`,
  );
  check.done();
  return { subnets };
}

function ofReplicas(vpc: IVpc, vpcSubnets?: SubnetSelection): SubnetSelection | undefined {
  const zones = onePerZone(selectedOf(vpc, vpcSubnets)?.subnets ?? []);
  return zones.length < LEAST_ZONES ? undefined : vpcSubnets;
}

/** The CDK's `onePerAz` does not filter subnets that were named one by one. */
function onePerZone(subnets: readonly ISubnet[]): ISubnet[] {
  const zones = subnets.map(zoneOf);
  return subnets.filter((_, index) => zones.indexOf(zones[index] ?? '') === index);
}

/** A subnet that was imported by its id alone does not know its zone, and is taken for one of another. */
function zoneOf(subnet: ISubnet): string {
  try {
    return subnet.availabilityZone;
  } catch {
    return subnet.node.path;
  }
}

function said(selection: SubnetSelection | undefined, otherwise: string): string {
  const { subnetType, subnetGroupName } = selection ?? {};
  return subnetGroupName ?? subnetType ?? (selection ? 'as given' : otherwise);
}
