/** Which replicas are ready, as the load balancer sees them. */
import {
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  type TargetHealthDescription,
} from '@aws-sdk/client-elastic-load-balancing-v2';

/** A replica's private address and the port that serves predictions. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

const client = new ElasticLoadBalancingV2Client();

/** A ready replica, by chance: calls in a row do not all meet the same one. */
export async function readyTarget(targetGroupArn: string): Promise<Target> {
  const { TargetHealthDescriptions: all = [] } = await client.send(
    new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }),
  );
  const ready = all.filter((target) => target.TargetHealth?.State === 'healthy');
  const chosen = ready[Math.floor(Math.random() * ready.length)]?.Target;
  if (!chosen?.Id || !chosen.Port) throw new Error(`no replica is ready: ${statesOf(all)}`);
  return { host: chosen.Id, port: chosen.Port };
}

function statesOf(targets: readonly TargetHealthDescription[]): string {
  if (targets.length === 0) return 'none is registered';
  return targets.map(({ Target, TargetHealth }) => `${Target?.Id} is ${TargetHealth?.State}`).join(', ');
}
