/** The bounded queue against a plain list that does the same slowly. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Prediction } from '../../../runtime/gateway/prediction';
import { Queue } from '../../../runtime/gateway/queue';

const never = { deadlineAt: 0, limitAt: 0 };
const prediction = (bytes = 1) => new Prediction('id', '{}', { body: Buffer.alloc(bytes) }, never);

const anyStep = fc.oneof(
  fc.record({ do: fc.constant('offer' as const), bytes: fc.integer({ min: 0, max: 40 }) }),
  fc.record({ do: fc.constant('take' as const) }),
  fc.record({ do: fc.constant('remove' as const), index: fc.nat(9) }),
  fc.record({ do: fc.constant('putBack' as const) }),
);

test('it behaves like a list with two bounds, whatever is done in whatever order', () => {
  const property = fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
    const queue = new Queue({ queueRequests: 5, queueBytes: 100 });
    const list: Prediction[] = [];
    for (const step of steps) {
      if (step.do === 'offer') {
        const offered = prediction(step.bytes);
        if (queue.offer(offered) === undefined) list.push(offered);
      } else if (step.do === 'take') expect(queue.take()).toBe(list.shift());
      else if (step.do === 'remove') list.splice(step.index, 1).forEach((removed) => void queue.remove(removed));
      else list.unshift(prediction()) && queue.putBack(list[0] as Prediction);
      expect(queue.length).toBe(list.length);
      expect(queue.bytes).toBe(list.reduce((sum, { body }) => sum + body.length, 0));
    }
  });
  fc.assert(property, { numRuns: 300 });
});

test('it says which bound refused', () => {
  const queue = new Queue({ queueRequests: 2, queueBytes: 100 });
  expect(queue.offer(prediction(90))).toBeUndefined();
  expect(queue.offer(prediction(11))).toBe('queue_bytes');
  expect(queue.offer(prediction(10))).toBeUndefined();
  expect(queue.offer(prediction(0))).toBe('queue_requests');
});

test('a prediction knows whether it waits', () => {
  const queue = new Queue({ queueRequests: 2, queueBytes: 100 });
  const waiting = prediction();
  queue.offer(waiting);
  expect(waiting.place).toBe('queue');
  queue.remove(waiting);
  queue.remove(waiting);
  expect([waiting.place, queue.length]).toEqual(['outside', 0]);
});
