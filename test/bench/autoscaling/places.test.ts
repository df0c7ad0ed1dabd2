import { describe, expect, test } from 'vitest';
import { Fargate, PROVISION_SECONDS } from '../../../bench/autoscaling/fargate';
import { Nodes } from '../../../bench/autoscaling/nodes';

const START = { pull: 30, load: 15 };

describe('Fargate', () => {
  const fargate = new Fargate(START, { healthCheckInterval: 10, healthyThreshold: 2, deregistrationDelay: 60 });

  test('provisions, pulls, loads and waits for two health checks, and is paid for from the pull on', () => {
    expect(fargate.launch(100, 0)).toEqual({
      paidFrom: 100 + PROVISION_SECONDS,
      runsFrom: 130 + PROVISION_SECONDS,
      readyFrom: 165 + PROVISION_SECONDS,
    });
  });

  test('launches five hundred a minute', () => {
    expect(fargate.launch(0, 500).paidFrom).toBeCloseTo(60 + PROVISION_SECONDS);
  });
});

describe("Cortex's nodes", () => {
  test('a pod waits for an instance, unless one is empty: then its image is there', () => {
    const nodes = new Nodes(START, 1);
    expect(nodes.launch(0)).toEqual({ paidFrom: 87, runsFrom: 117, readyFrom: 137 });
    nodes.vacated(1_000);
    expect(nodes.launch(1_100)).toEqual({ paidFrom: 1_102, runsFrom: 1_102, readyFrom: 1_122 });
    expect(nodes.launch(1_100).paidFrom).toBe(1_187);
  });

  test('an instance that was empty for ten minutes is gone', () => {
    const nodes = new Nodes(START, 1);
    nodes.vacated(1_000);
    expect(nodes.launch(1_600).paidFrom).toBe(1_687);
  });
});
