/** Every inequality between the numbers that must agree, over the whole range of timeouts a user may ask for. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  CONTAINER_HEALTH_CHECK,
  DEFAULT_LOAD_TIMEOUT,
  DEFAULT_REQUEST_TIMEOUT,
  TARGET_HEALTH_CHECK,
  timing,
} from '../../../runtime/contract/timing';

const seconds = { min: 1, max: 3600 };

describe('for every request and load timeout', () => {
  const check = (claim: (numbers: ReturnType<typeof timing>) => void): void =>
    fc.assert(
      fc.property(fc.integer(seconds), fc.integer(seconds), (requestTimeout, loadTimeout) => {
        claim(timing({ requestTimeout, loadTimeout }));
      }),
    );

  test('the load balancer waits longer than a request takes', () =>
    check((t) => expect(t.idleTimeout).toBeGreaterThanOrEqual(t.requestTimeout + 5)));

  test('the gateway keeps a connection longer than the load balancer does', () =>
    check((t) => expect(t.keepAliveTimeout).toBeGreaterThanOrEqual(t.idleTimeout + 10)));

  test('headers may take longer than a connection may idle', () =>
    check((t) => expect(t.headersTimeout).toBeGreaterThan(t.keepAliveTimeout)));

  test('a leaving replica may finish its last request', () =>
    check((t) => expect(t.deregistrationDelay).toBeGreaterThanOrEqual(t.requestTimeout + 5)));

  test('the stop timeout covers serving on and the last request', () =>
    check((t) => expect(t.stopTimeout).toBeGreaterThanOrEqual(t.serveOn + t.requestTimeout + 5)));

  test('failed health checks do not count while the handler may still load', () =>
    check((t) => expect(t.healthCheckGrace).toBeGreaterThanOrEqual(t.loadTimeout + 30)));

  test('the start period stays within what ECS allows', () =>
    check((t) => expect(t.startPeriod).toBeLessThanOrEqual(300)));
});

test('the stop timeout stays within the limit of the place it runs', () => {
  expect(timing({ requestTimeout: 300, loadTimeout: 60, stopTimeoutLimit: 120 }).stopTimeout).toBe(120);
});

test('a health check answers before the next begins', () => {
  expect(CONTAINER_HEALTH_CHECK.timeout).toBeLessThan(CONTAINER_HEALTH_CHECK.interval);
  expect(TARGET_HEALTH_CHECK.timeout).toBeLessThan(TARGET_HEALTH_CHECK.interval);
});

test('the defaults are those of the documentation', () => {
  expect(
    timing({ requestTimeout: DEFAULT_REQUEST_TIMEOUT, loadTimeout: DEFAULT_LOAD_TIMEOUT, stopTimeoutLimit: 120 }),
  ).toMatchInlineSnapshot(`
      {
        "deregistrationDelay": 60,
        "headersTimeout": 80,
        "healthCheckGrace": 630,
        "idleTimeout": 60,
        "keepAliveTimeout": 75,
        "loadTimeout": 600,
        "requestTimeout": 55,
        "serveOn": 15,
        "startPeriod": 300,
        "stopTimeout": 75,
      }
    `);
});
