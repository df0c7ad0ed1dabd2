/** How long an API of AWS may keep a function waiting: one that cannot be reached is said to be so, and asked again. */

export const CLIENT_OPTIONS = {
  requestHandler: { connectionTimeout: 5_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
};
