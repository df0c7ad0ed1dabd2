/** Where a fleet may stand: in the stack of a cluster that this app defines, since the cluster names its providers. */
import { Stack } from 'aws-cdk-lib';
import { Cluster, type ICluster } from 'aws-cdk-lib/aws-ecs';
import type { IConstruct } from 'constructs';
import { Check } from '../private/check';

/** The cluster, or an error that says where else to define what. */
export function ownCluster(scope: IConstruct, cluster: ICluster): Cluster {
  const check = new Check(scope);
  const [ours, theirs] = [Stack.of(scope), Stack.of(cluster)];
  check.that(
    Cluster.isCluster(cluster),
    `the cluster ${cluster.node.path} was imported, and instances of this app cannot be added to it: give the platform a cluster of this app, or none, so that it defines one; or use Compute.fargate() or Compute.managedInstances()`,
  );
  check.that(
    !Cluster.isCluster(cluster) || ours === theirs,
    `the cluster ${cluster.node.path} is in the stack ${theirs.node.path} and the fleet would be in ${ours.node.path}, on which it must not depend: define a ModelFleet in ${theirs.node.path} and give it to compute as fleet`,
  );
  check.done();
  return cluster as Cluster;
}

/** Throws where a given fleet fills another cluster than the one in which an API runs. */
export function checkSameCluster(scope: IConstruct, fleet: IConstruct, its: ICluster, ours: ICluster): void {
  const check = new Check(scope);
  check.that(
    its === ours,
    `fleet ${fleet.node.path} is of the cluster ${its.node.path}, and the API runs in ${ours.node.path}: give the fleet and the API one platform`,
  );
  check.done();
}
