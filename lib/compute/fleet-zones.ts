/** Whether replicas have subnets where the instances of their fleet stand: a network interface cannot cross zones. */
import { Annotations } from 'aws-cdk-lib';
import type { ISubnet, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { Check, isKnown } from '../private/check';

/** Zones that synth does not know are not judged. */
export function checkZones(
  scope: Construct,
  vpc: IVpc,
  { ofFleet, ofReplicas }: { ofFleet?: SubnetSelection; ofReplicas?: SubnetSelection },
): void {
  if (ofFleet === ofReplicas) return;
  const theirs = zonesOf(vpc, ofFleet);
  const ours = zonesOf(vpc, ofReplicas);
  if (!theirs || !ours) return;
  const common = ours.filter((zone) => theirs.includes(zone));
  const check = new Check(scope);
  check.that(
    common.length > 0,
    `vpcSubnets of the API are in ${ours.join(', ')} and the instances of its fleet in ${theirs.join(', ')}, and the network interface of a replica cannot be in another zone than its instance: no replica would start. Give the API vpcSubnets in the zones of the fleet`,
  );
  check.done();
  if (common.length === ours.length && common.length === theirs.length) return;
  Annotations.of(scope).addWarningV2(
    'cdk-model-api:fleetInOtherZones',
    `vpcSubnets of the API are in ${ours.join(', ')} and the instances of its fleet in ${theirs.join(', ')}: replicas run in ${common.join(', ')} only, and an instance that starts elsewhere holds none of them. Give the API vpcSubnets in all zones of the fleet`,
  );
}

function zonesOf(vpc: IVpc, selection?: SubnetSelection): string[] | undefined {
  const { subnets, isPendingLookup } = vpc.selectSubnets(selection);
  const zones = subnets.map(zoneOf);
  if (isPendingLookup || !zones.every((zone) => isKnown(zone))) return undefined;
  return [...new Set(zones)].sort();
}

/** A subnet that was imported by its id alone does not know its zone. */
function zoneOf(subnet: ISubnet): string | undefined {
  try {
    return subnet.availabilityZone;
  } catch {
    return undefined;
  }
}
