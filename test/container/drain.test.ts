/** What happens to requests when a replica is told to stop, as on every deployment and scale-in. */
import { ModelHandler } from 'cdk-model-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_LOAD_TIMEOUT, DEFAULT_REQUEST_TIMEOUT, timing } from '../../runtime/contract/timing';
import { describeWith } from '../setup/needs';
import { Callers } from './callers';
import { declare } from './declared';
import { MODEL } from './model-copy';
import { pause, Replica } from './replica';

const BUILD_TIMEOUT_MS = 300_000;
const STOP_TIMEOUT_MS = 120_000;

/** After a replica says that it is unready, balancers still send for a while. */
const LATE_MS = 3_000;

const { serveOn, stopTimeout } = timing({
  requestTimeout: DEFAULT_REQUEST_TIMEOUT,
  loadTimeout: DEFAULT_LOAD_TIMEOUT,
  stopTimeoutLimit: 120,
});

describeWith(['docker'], 'a replica that is stopped', () => {
  let replica: Replica;
  beforeAll(async () => {
    replica = await Replica.run(declare(ModelHandler.fromDirectory(MODEL)));
  }, BUILD_TIMEOUT_MS);
  afterAll(() => replica?.task.remove());

  test(
    'answers every request that it took, and exits 0 in time',
    async () => {
      const callers = new Callers(8, () => replica.post({ do: 'wait', seconds: 0.01 }));
      await callers.more(100);
      const stopped = replica.task.stop();
      while (await replica.isReady()) await pause(50);
      const beforeUnready = callers.answers.length;
      await pause(LATE_MS);
      await callers.leave();
      expect(callers.answers.length).toBeGreaterThan(beforeUnready + 50);
      expect(callers.failed).toEqual([]);

      // Still running when the replica has stopped to take requests.
      expect(await replica.post({ do: 'wait', seconds: serveOn })).toEqual({ status: 200, answer: 'waited' });
      const { exitCode, seconds } = await stopped;
      expect(exitCode).toBe(0);
      expect(seconds).toBeLessThan(stopTimeout);
    },
    STOP_TIMEOUT_MS,
  );
});
