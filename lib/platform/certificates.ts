/**
 * The certificates of a listener: its default, and those that further APIs bring for names of their own. Each is brought
 * once, since whoever takes one away takes it away for all.
 */
import { Stack, Token } from 'aws-cdk-lib';
import type { CfnCertificate, ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { ApplicationListenerCertificate, type IApplicationListener } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { Construct } from 'constructs';
import { Check, isKnown } from '../private/check';
import { claimsOn } from '../private/claims';
import { standAfter } from '../private/order';
import { checkReach } from '../private/reach';

/** The default of a listener stands in the platform's stack. */
export function checkDefault(entrance: Construct, api: Construct, certificate: ICertificate): void {
  checkReach(api, entrance, 'certificate', certificate, certificate.certificateArn);
}

/** Throws where this app defines the certificate, and for other names: every caller would turn away from it. */
export function checkCovers(api: Construct, certificate: ICertificate, domainName?: string): void {
  const defined = certificate.node.defaultChild as CfnCertificate | undefined;
  const names = [defined?.domainName, ...(defined?.subjectAlternativeNames ?? [])];
  if (!names.every(isKnown) || !isKnown(domainName)) return;
  const check = new Check(api);
  check.that(
    names.some((name) => covers(name, domainName)),
    `the certificate ${certificate.node.path} is for ${names.join(', ')} and not for the domainName '${domainName}': give the access a certificate that is`,
  );
  check.done();
}

/** The star of a certificate is one label: `*.example.com` is for `a.example.com`, not for `a.b.example.com`. */
function covers(name: string, domainName: string): boolean {
  const [wide, narrow] = [name.toLowerCase(), domainName.toLowerCase()];
  return wide === narrow || (wide.startsWith('*.') && narrow.replace(/^[^.]+/, '*') === wide);
}

/** Throws for one of another region, which a load balancer cannot have. */
export function checkRegion(entrance: Construct, api: Construct, certificate: ICertificate): void {
  const { certificateArn, env, node } = certificate;
  const its = isKnown(certificateArn) ? certificateArn.split(':')[3] : env.region;
  const { region } = Stack.of(entrance);
  const check = new Check(api);
  check.that(
    !isKnown(its) || !isKnown(region) || its === region,
    `the certificate ${node.path} is in ${its}, and the load balancer in ${region} takes those of its own region only: give one from ${region}`,
  );
  check.done();
}

/** Remembers that the listener has the certificate, and beside what it stands; answers beside what it stood before. */
export function note(
  listener: IApplicationListener,
  { certificateArn }: ICertificate,
  beside: Construct,
): Construct | undefined {
  const certificates = claimsOn<Construct>(listener, listener.listenerArn, 'certificates');
  const there = certificates.get(certificateArn);
  if (!there) certificates.set(certificateArn, beside);
  return there;
}

/**
 * Brings the certificate to the listener, beside which it stays when the API goes, if the platform's stack knows it.
 * Answers whether it was the first to bring it.
 */
export function present(
  entrance: Construct,
  api: Construct,
  listener: IApplicationListener,
  certificate: ICertificate,
): boolean {
  const { certificateArn: arn, node } = certificate;
  const known = !Token.isUnresolved(arn);
  const shared = known || Stack.of(certificate) === Stack.of(entrance);
  const [scope, id]: [Construct, string] = shared
    ? [entrance, `Certificate-${known ? arn.split('/').at(-1) : node.addr}`]
    : [api, 'Certificate'];
  const there = note(listener, certificate, scope);
  if (there) standAfter(api, there, `the certificate ${node.path} on the listener ${listener.node.path}`);
  else new ApplicationListenerCertificate(scope, id, { listener, certificates: [certificate] });
  return !there;
}
