/** What contradicts itself in an access, whatever the load balancer is. */
import type { IPeer } from 'aws-cdk-lib/aws-ec2';
import type { ListenerAction } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IHostedZone } from 'aws-cdk-lib/aws-route53';
import type { IConstruct } from 'constructs';
import type { Auth, AuthBinding, IListenerAuthentication } from '../auth';
import type { WebAcl } from '../web-acl';
import { Check, isKnown } from './check';
import { isEverybody } from './everybody';
import { isDomainName } from './hosts';
import { checkGiven } from './required';

/** The name of an API, the zone that is to hold it, and what guards it. */
interface Named {
  readonly domainName?: string;
  readonly hostedZone?: IHostedZone;
  readonly webAcl?: WebAcl;
}

export function checkName(check: Check, access: string, { domainName, hostedZone, webAcl }: Named): void {
  const such = 'a WebAcl, such as WebAcl.standard()';
  if (webAcl !== undefined) checkGiven(check, `${access} webAcl`, webAcl, '_bind', such);
  check.that(
    hostedZone === undefined || domainName !== undefined,
    `${access} has hostedZone and no domainName: give the name that its record is to have`,
  );
  if (domainName === undefined) return;
  check.that(
    isKnown(domainName) && isDomainName(domainName),
    `${access} domainName must be a name that is known at synth, of labels of letters, digits and inner -, and letters alone after the last ., such as 'iris.example.com' (got ${JSON.stringify(domainName)}); patterns go to the host of the API`,
  );
  const zoneName = zoneNameOf(hostedZone);
  if (isKnown(domainName) && isKnown(zoneName)) checkZone(check, domainName, zoneName);
}

/** One that was imported by its id alone throws instead of answering. */
function zoneNameOf(hostedZone?: IHostedZone): string | undefined {
  try {
    return hostedZone?.zoneName;
  } catch {
    return undefined;
  }
}

function checkZone(check: Check, domainName: string, zoneName: string): void {
  const zone = zoneName.replace(/\.$/, '').toLowerCase();
  const name = domainName.toLowerCase();
  check.that(
    name === zone || name.endsWith(`.${zone}`),
    `domainName '${domainName}' is not in the hostedZone '${zone}': give a name that ends with .${zone}, or the zone of the name`,
  );
}

/** Plain JavaScript may leave out what the types require, and would get an API that the world may call. */
export function checkAuth(check: Check, access: string, auth: Auth | undefined): void {
  check.that(typeof auth?._bind === 'function', `${access} needs auth: give one, or say Auth.none() aloud`);
}

/** Who may reach the load balancer, where it was said: somebody, and not the world unasked. */
export function checkPeers(check: Check, access: string, peers?: IPeer[], internetFacing = false): void {
  check.that(
    peers?.length !== 0,
    `${access} has an empty allowFrom, by which nobody could call: give a security group, an address range or a prefix list, or leave it out`,
  );
  const everywhere = (peers ?? []).map(({ uniqueId }) => uniqueId).filter(isEverybody);
  check.that(
    internetFacing || everywhere.length === 0,
    `${access} does not let in everywhere (allowFrom has ${everywhere.join(', ')}): name networks, or use Access.public()`,
  );
}

/** The user's own authentication, with what replicas ask beside it. */
export function behind(
  scope: IConstruct,
  authentication: IListenerAuthentication,
  auth: AuthBinding,
  mayLetThrough: boolean,
): AuthBinding {
  const check = new Check(scope);
  check.that(
    typeof authentication?.authenticate === 'function',
    'Access.custom() needs an authentication, such as { authenticate: (next) => ListenerAction.authenticateOidc({ …, next }) }',
  );
  check.that(
    auth.authentication === undefined,
    `Access.custom() has an authentication of its own, and a load balancer takes one: leave out ${auth.name}`,
  );
  check.done();
  const judged = mayLetThrough ? authentication : asking(scope, authentication);
  return { ...auth, name: 'the authentication of Access.custom()', needsTls: true, authentication: judged };
}

/** That nobody has to prove anything to the internet is for the owner to say: an authentication must ask something. */
function asking(scope: IConstruct, authentication: IListenerAuthentication): IListenerAuthentication {
  const authenticate = (next: ListenerAction): ListenerAction => {
    const action = authentication.authenticate(next);
    const check = new Check(scope);
    check.that(
      action !== next,
      'the authentication of Access.custom() puts no action before next, so that everybody on the internet gets in: return one that does, such as ListenerAction.authenticateOidc({ …, next }), or say auth: Auth.none() aloud',
    );
    check.done();
    return action;
  };
  return { authenticate };
}
