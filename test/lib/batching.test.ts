/** What a handler's batches ask of the API that serves it. */
import { Duration, Lazy } from 'aws-cdk-lib';
import { expect, test } from 'vitest';
import { type BatchingOptions, type ModelApiProps, ModelHandler, Testing } from '../../lib';
import { testApp } from './assembly';
import { apiIn, stackIn, warningsOf } from './declaration';
import { modelFolder } from './image/model-folder';

function apiWith(batching: BatchingOptions, props: Partial<ModelApiProps> = {}) {
  const app = testApp();
  Testing.stubImages(app);
  const stack = stackIn(app);
  apiIn(stack, { handler: ModelHandler.fromDirectory(modelFolder(), { batching }), ...props });
  return stack;
}

test.each<[BatchingOptions, Partial<ModelApiProps>, string[]]>([
  [{}, {}, []],
  [{ maxBatchSize: 100 }, {}, []],
  [{ maxBatchSize: 101 }, {}, ['cdk-model-api:batchLargerThanQueue']],
  [{ maxBatchSize: 101 }, { queueRequests: 101 }, []],
  [{}, { queueRequests: 63 }, ['cdk-model-api:batchLargerThanQueue']],
  [{}, { queueRequests: Lazy.number({ produce: () => 1 }) }, []],
])('a batch that the queue never fills is warned of: %j, %j', (batching, props, warnings) => {
  expect(warningsOf(apiWith(batching, props))).toEqual(warnings);
});

test('a window in which every request expires is refused', () => {
  const window = Duration.seconds(2);
  expect(() => apiWith({ window }, { requestTimeout: Duration.seconds(2) })).toThrow(
    '[Stack/Api] batching.window (2000 ms) must be shorter than requestTimeout (2 s), or a request that waits for others is never answered',
  );
  expect(() => apiWith({ window }, { requestTimeout: Duration.seconds(3) })).not.toThrow();
});
