/** CORS options → the serving manifest, and their checks: an origin that no browser sends would let nobody in. */
import { Token } from 'aws-cdk-lib';
import { type Cors, OVERLAY_SCHEMA } from '../../runtime/contract/manifest';
import type { CorsOptions } from '../cors-options';
import { type Check, isKnown } from './check';

export function corsOf({ allowOrigins, allowHeaders, maxAge }: CorsOptions): Cors {
  return { allowOrigins, allowHeaders, maxAgeSeconds: maxAge?.toSeconds() };
}

const EVERY_ORIGIN = '*';

const ORIGIN_FORM =
  "an origin as browsers send it: scheme://host, with the port where it is not the scheme's own, in lower case and without a path, such as 'https://app.example.com'";

const HEADER = new RegExp(OVERLAY_SCHEMA.properties.cors.properties.allowHeaders.items.pattern);

export function checkCors(check: Check, { allowOrigins, allowHeaders, maxAge }: CorsOptions): void {
  // Of a list that only the deployment knows, not even the length is one.
  if (!Token.isUnresolved(allowOrigins)) checkOrigins(check, allowOrigins);
  for (const name of Token.isUnresolved(allowHeaders) ? [] : (allowHeaders ?? [])) {
    check.that(
      !isKnown(name) || HEADER.test(name),
      `cors.allowHeaders must be names of headers, such as 'X-Tenant' (got ${JSON.stringify(name)})`,
    );
  }
  check.seconds('cors.maxAge', maxAge, 'it is written to the gateway in seconds', 0);
}

function checkOrigins(check: Check, origins: readonly string[] = []): void {
  check.that(
    origins.length > 0,
    "cors.allowOrigins has no origin: give at least one, '*' for all, or leave out cors for none",
  );
  const all = origins.includes(EVERY_ORIGIN);
  check.that(
    !all || origins.length === 1,
    `cors.allowOrigins has '*' beside others (got ${JSON.stringify(origins)}): leave it out, or the others`,
  );
  for (const origin of origins.filter(isKnown)) {
    check.that(
      origin === EVERY_ORIGIN || isOrigin(origin),
      `cors.allowOrigins must be '*' alone, or each ${ORIGIN_FORM} (got ${JSON.stringify(origin)})`,
    );
  }
}

/** A wildcard in a name means nothing to a browser. Of schemes that are not the web's, such as an app's, less is known. */
function isOrigin(origin: string): boolean {
  if (/^https?:/i.test(origin))
    return !origin.includes('*') && URL.canParse(origin) && new URL(origin).origin === origin;
  return /^[a-z][a-z0-9+.-]*:\/\/[a-z0-9_.-]+(:\d+)?$/.test(origin);
}
