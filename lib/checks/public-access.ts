/** Whoever finds the address may predict, and is paid for by the owner. */
import type { Property } from './property';
import { found, notJudged, type Rule, type Verdict } from './rule';
import type { ServedService, WayIn } from './served-service';

export const publicAccess: Rule = {
  name: 'PublicWithoutAuth',
  level: 'error',
  why: 'Everybody on the internet can call the model: use it for their own ends, copy it answer by answer, and fill it until nobody else is served.',
  remedy: {
    ours: 'Give the access an auth that asks, Auth.apiKeys(secret) or Auth.jwt(options), or use Access.internal(). Acknowledge where the model is for everybody.',
    others:
      'Let the listener ask who calls (authenticate-oidc, authenticate-cognito, jwt-validation, mutual TLS), or make the load balancer internal. Acknowledge where the model is for everybody, where the application asks by itself, or where security groups let in known networks alone.',
  },
  judge,
};

function judge(served: ServedService): Verdict[] {
  const { service, overlay, waysIn, isBehindLoadBalancer, knowsTargetGroups } = served;
  if (!isBehindLoadBalancer || overlay?.apiKeysSecret !== undefined) return [];
  const verdicts = waysIn
    .filter((way) => !isPreflight(way) && !asksWhoCalls(way))
    .flatMap((way) => judgeWay(way, served));
  if (verdicts.length > 0 || (waysIn.length > 0 && knowsTargetGroups)) return verdicts;
  return [
    notJudged(service, 'LoadBalancers', 'What leads to the service is not of this app, or known at deployment only'),
  ];
}

function judgeWay({ at, loadBalancer }: WayIn, { taskDefinition }: ServedService): Verdict[] {
  const property = at.at('Actions').isGiven ? 'Actions' : 'DefaultActions';
  const scheme = loadBalancer?.at('Scheme');
  if (!loadBalancer || !scheme || scheme.isOpen) {
    const says = 'Nobody is asked who calls, and whether the load balancer faces the internet this app does not say';
    return [notJudged(at, property, says)];
  }
  // CloudFormation's own default.
  const { text = 'internet-facing' } = scheme;
  if (text !== 'internet-facing') return [];
  if (!taskDefinition) {
    return [
      notJudged(at, property, 'The load balancer asks nobody who calls, and whether replicas do this app does not say'),
    ];
  }
  return [
    found(at, property, `The load balancer ${loadBalancer.path} faces the internet, and nobody is asked who calls`),
  ];
}

/** What a browser asks before a call, without a token; it is not a prediction. */
function isPreflight({ conditions }: WayIn): boolean {
  const methods = conditions.filter((condition) => condition.at('Field').text === 'http-request-method');
  return methods.some((condition) => {
    const values = condition.at('HttpRequestMethodConfig', 'Values').items;
    return values.length > 0 && values.every(({ text }) => text === 'OPTIONS');
  });
}

function asksWhoCalls({ actions, listener }: WayIn): boolean {
  return actions.some(authenticates) || listener?.at('MutualAuthentication', 'Mode').text === 'verify';
}

/** One that lets through whom it does not know asks nothing. */
function authenticates(action: Property): boolean {
  const { text } = action.at('Type');
  if (text === 'jwt-validation') return true;
  if (text !== 'authenticate-oidc' && text !== 'authenticate-cognito') return false;
  const config = action.at(text === 'authenticate-oidc' ? 'AuthenticateOidcConfig' : 'AuthenticateCognitoConfig');
  return config.at('OnUnauthenticatedRequest').text !== 'allow';
}
