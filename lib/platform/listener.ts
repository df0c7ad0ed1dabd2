/** A listener of a platform's own; and what can be known of any: all of it where this app defines it, else its port. */
import { Token, Tokenization } from 'aws-cdk-lib';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import {
  ApplicationListener,
  ApplicationProtocol,
  type CfnListener,
  type IApplicationListener,
  type IApplicationLoadBalancer,
  ListenerAction,
  SslPolicy,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import type { AccessBinding } from '../access';
import { isPending } from './given';

const STANDARD_PORTS = { HTTP: 80, HTTPS: 443 } as const;
const PROTOCOLS = ['HTTP', 'HTTPS'] as const;

/** What a caller learns who asks for a path that no API has. */
const NOT_FOUND = JSON.stringify({
  type: 'about:blank',
  title: 'Not Found',
  status: 404,
  detail: 'no API answers at this path',
  code: 'not_found',
  retryable: false,
});

/** Speaks HTTPS when it has a certificate. */
export function defineListener(
  scope: Construct,
  id: string,
  loadBalancer: IApplicationLoadBalancer,
  certificate?: ICertificate,
): ApplicationListener {
  return new ApplicationListener(scope, id, {
    loadBalancer,
    open: false,
    protocol: certificate ? ApplicationProtocol.HTTPS : ApplicationProtocol.HTTP,
    ...(certificate && { certificates: [certificate], sslPolicy: SslPolicy.TLS13_RES }),
    defaultAction: ListenerAction.fixedResponse(404, { contentType: 'application/json', messageBody: NOT_FOUND }),
  });
}

/** What a new listener listens on. */
export function standardPortOf(certificate?: ICertificate): number {
  return STANDARD_PORTS[certificate ? 'HTTPS' : 'HTTP'];
}

/** Its own, or the one that was imported with it; else the standard one for the access. */
export function portOf(listener: IApplicationListener, { tls }: Pick<AccessBinding, 'tls'>): number {
  return importedPortOf(listener) ?? STANDARD_PORTS[tls ? 'HTTPS' : 'HTTP'];
}

/** Whether what callers send cannot be read on its way; `claimed` where nothing is known of the listener. */
export function isEncrypted(listener: IApplicationListener, claimed: boolean): boolean {
  const protocol = protocolOf(listener);
  return protocol === undefined ? claimed : protocol === 'HTTPS';
}

/** Scheme and port of what callers type. */
export function urlOf(listener: IApplicationListener, access: AccessBinding, host: string): string {
  const port = portOf(listener, access);
  const protocol = isEncrypted(listener, access.tls) ? 'HTTPS' : 'HTTP';
  const suffix = port === STANDARD_PORTS[protocol] ? '' : `:${Tokenization.stringifyNumber(port)}`;
  return `${protocol.toLowerCase()}://${host}${suffix}`;
}

/** As it is rendered; of an imported listener, what its port is the standard one of, or undefined. */
export function protocolOf(listener: IApplicationListener): string | undefined {
  const protocol = (listener.node.defaultChild as CfnListener | undefined)?.protocol;
  if (protocol !== undefined) return Token.isUnresolved(protocol) ? undefined : protocol;
  const imported = isPending(listener.listenerArn) ? undefined : importedPortOf(listener);
  return PROTOCOLS.find((one) => STANDARD_PORTS[one] === imported);
}

function importedPortOf(listener: IApplicationListener): number | undefined {
  return listener.connections.defaultPort?.toRuleJson().fromPort;
}
