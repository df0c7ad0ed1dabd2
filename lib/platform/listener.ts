/** What can be known of a listener: all of it where this app defines it, its port at most where it was imported. */
import { Tokenization } from 'aws-cdk-lib';
import type {
  CfnListener,
  IApplicationListener,
  IApplicationLoadBalancer,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { AccessBinding } from '../access';

const STANDARD_PORTS = { HTTP: 80, HTTPS: 443 } as const;

/** Its own, or the one that was imported with it; else the standard one for the access. */
export function portOf(listener: IApplicationListener, access: AccessBinding): number {
  const imported: number | undefined = listener.connections.defaultPort?.toRuleJson().fromPort;
  return imported ?? STANDARD_PORTS[access.certificate ? 'HTTPS' : 'HTTP'];
}

/** As it is rendered; undefined for an imported listener, which does not know. */
export function protocolOf(listener: IApplicationListener): string | undefined {
  return (listener.node.defaultChild as CfnListener | undefined)?.protocol;
}

/** Scheme, host and, unless it is the scheme's own, port. */
export function urlOf(
  loadBalancer: IApplicationLoadBalancer,
  listener: IApplicationListener,
  access: AccessBinding,
): string {
  const port = portOf(listener, access);
  const guess = access.certificate || port === STANDARD_PORTS.HTTPS ? 'HTTPS' : 'HTTP';
  const protocol = (protocolOf(listener) ?? guess) as keyof typeof STANDARD_PORTS;
  const suffix = port === STANDARD_PORTS[protocol] ? '' : `:${Tokenization.stringifyNumber(port)}`;
  return `${protocol.toLowerCase()}://${loadBalancer.loadBalancerDnsName}${suffix}`;
}
