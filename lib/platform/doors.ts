/**
 * A port of a load balancer is one door: it has one listener, and whoever passes it reaches every API behind it. These
 * checks hold across platforms and across imports of one load balancer.
 */
import type {
  ApplicationLoadBalancer,
  CfnListener,
  IApplicationListener,
  IApplicationLoadBalancer,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import type { AccessBinding } from '../access';
import { Check } from '../private/check';
import { claimsOn } from '../private/claims';

interface Claim {
  readonly by: string;
  readonly access: AccessBinding;
}

/** Throws where one API keeps the internet out and another lets it in, by whichever of the two comes later. */
export function claimSide(
  api: Construct,
  access: AccessBinding,
  loadBalancer: IApplicationLoadBalancer,
  port: number,
  listener?: IApplicationListener,
): void {
  const check = new Check(api);
  const doors = [claimsOn<Claim>(loadBalancer, loadBalancer.loadBalancerArn, `side of port ${port}`)];
  if (listener) doors.push(claimsOn<Claim>(listener, listener.listenerArn, 'side'));
  const other = doors.flatMap((claims) => [...claims.values()]).find((one) => differ(one.access, access));
  check.that(
    other === undefined,
    `${access.name} ${sideOf(access)}, and ${other?.access.name} of ${other?.by} ${sideOf(other?.access)}, on port ${port} of the load balancer ${loadBalancer.node.path}: whoever reaches one reaches the other. Give the two different load balancers, such as by leaving out loadBalancer and listener of the platform`,
  );
  check.done();
  for (const claims of doors) claims.set('first', { by: api.node.path, access });
}

function differ(one: AccessBinding, other: AccessBinding): boolean {
  return one.internetFacing !== other.internetFacing;
}

function sideOf(access?: AccessBinding): string {
  return access?.internetFacing ? 'is for the internet' : 'keeps the internet out';
}

/** Throws where the port of a given load balancer has a listener already. */
export function claimPort(
  api: Construct,
  entrance: Construct,
  loadBalancer: IApplicationLoadBalancer,
  port: number,
): void {
  const claims = claimsOn<string>(loadBalancer, loadBalancer.loadBalancerArn, `listener on port ${port}`);
  const there = definedOn(loadBalancer, port) ?? claims.get('listener');
  const check = new Check(api);
  check.that(
    there === undefined,
    `the given load balancer ${loadBalancer.node.path} has the listener ${there} on port ${port} already, and takes one: give the platform that listener, or let both APIs share its platform`,
  );
  check.done();
  claims.set('listener', `${entrance.node.path}/Listener`);
}

/** An imported load balancer does not know its listeners. */
export function definedOn(loadBalancer: IApplicationLoadBalancer, port: number): string | undefined {
  if (!loadBalancer.node.defaultChild) return undefined;
  const { listeners } = loadBalancer as ApplicationLoadBalancer;
  const isThere = (listener: IApplicationListener) =>
    (listener.node.defaultChild as CfnListener | undefined)?.port === port;
  return listeners.find(isThere)?.node.path;
}
