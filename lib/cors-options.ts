/** Which pages of other origins may call an API from a browser. Callers that are no browser are not concerned. */
import type { Duration } from 'aws-cdk-lib';

/** What a browser lets pages of other origins do with an API. Cookies are never allowed. */
export interface CorsOptions {
  /**
   * The origins of the pages: `scheme://host`, with the port where it is not the scheme's own, without a path, in lower
   * case, as browsers send them; `*` alone means all. May be known only at deployment.
   */
  readonly allowOrigins: string[];

  /**
   * Request headers that pages may send beside those that callers of an API need: `Authorization`, `X-Api-Key`,
   * `Content-Type`, `X-Request-Id`, `traceparent` and the like.
   *
   * @default - no others
   */
  readonly allowHeaders?: string[];

  /**
   * How long a browser may remember what it is allowed.
   *
   * @default Duration.minutes(10)
   */
  readonly maxAge?: Duration;
}
