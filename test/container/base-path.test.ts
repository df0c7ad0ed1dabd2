/** Several APIs behind one load balancer that routes by path, by the rules that their template declares. */
import { Stack } from 'aws-cdk-lib';
import { Access, ModelApi, ModelHandler, ModelPlatform } from 'cdk-model-api';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MANAGEMENT_PORT } from '../../runtime/contract/manifest';
import { LoadBalancer } from '../setup/load-balancer';
import { describeWith } from '../setup/needs';
import { declareEntrance, type Entrance } from './declared';
import { MODEL } from './model-copy';
import { Replica } from './replica';
import { ask } from './request';

const BUILD_TIMEOUT_MS = 300_000;

/** One inside the other, and one that only begins alike. The priorities are turned about in no order of the paths. */
const PRIORITIES = { '/iris': 30, '/iris/eu': 20, '/iris-2': 40 };
const PATHS = Object.keys(PRIORITIES) as (keyof typeof PRIORITIES)[];

function declared(): Entrance {
  return declareEntrance((app) => {
    const stack = new Stack(app, 'Container');
    const platform = new ModelPlatform(stack, 'Platform');
    for (const path of PATHS) {
      const priority = PRIORITIES[path];
      const handler = ModelHandler.fromDirectory(MODEL);
      const config = { path };
      new ModelApi(stack, `Api${priority}`, { platform, path, priority, handler, config, access: Access.internal() });
    }
  });
}

describeWith(['docker', 'nginx'], 'APIs that share a load balancer by their paths', () => {
  const replicas: Replica[] = [];
  let balancer: LoadBalancer;
  let iris: Replica;
  beforeAll(async () => {
    const { apis, otherwise } = declared();
    replicas.push(...(await Promise.all(apis.map((api) => Replica.run(api)))));
    const rules = apis.map(({ patterns }, index) => ({ patterns, targets: [replicas[index].target] }));
    iris = replicas[apis.findIndex(({ patterns }) => patterns.includes('/iris'))];
    balancer = await LoadBalancer.start(rules, otherwise);
  }, BUILD_TIMEOUT_MS);
  afterAll(async () => {
    await balancer?.stop();
    for (const { task } of replicas) task.remove();
  });

  test.each(PATHS)('%s/predict is answered by the API that has the path', async (path) => {
    const { status, body } = await ask(balancer.url, `${path}/predict`, { body: { do: 'tell' } });
    expect([status, body.config]).toEqual([200, { path }]);
  });

  test.each(PATHS)('the server of %s/openapi.json is the path, whatever the caller calls the host', async (path) => {
    const { status, body } = await ask(balancer.url, `${path}/openapi.json`, { headers: { host: 'elsewhere' } });
    expect([status, body.servers]).toEqual([200, [{ url: path }]]);
  });

  test.each([
    '/predict',
    '/openapi.json',
    '/',
    '/iris',
    '/iris/',
    '/irispredict',
    '/IRIS/predict',
    '/iris/x',
    '/iris/predict/',
    '/iris//predict',
    '/iris/iris/predict',
    '/iris/../predict',
    '/iris/../iris/predict',
    '/iris/%2e%2e/iris/predict',
    '/iris/..%2fpredict',
  ])('%s is nobody’s, for the load balancer and for the replica', async (path) => {
    for (const origin of [balancer.url, iris.url]) {
      const { status, body } = await ask(origin, path, { body: { do: 'tell' } });
      expect([origin, status, body.code]).toEqual([origin, 404, 'not_found']);
    }
  });

  test.each(['/healthz', '/readyz', '/metrics', '/ping', '/invocations'])(
    '%s is for nobody on the traffic port, with the prefix or without',
    async (route) => {
      for (const origin of [balancer.url, iris.url]) {
        for (const path of [route, `/iris${route}`]) {
          const { status, body } = await ask(origin, path);
          expect([origin, path, status, body.code]).toEqual([origin, path, 404, 'not_found']);
        }
      }
    },
  );

  test('the model repository is for nobody on the traffic port, and says so in the form of its protocol', async () => {
    for (const route of ['/v2/repository/index', '/v2/repository/models/model/load']) {
      for (const path of [route, `/iris${route}`]) {
        const { status, body } = await ask(iris.url, path, { body: {} });
        expect([path, status, body]).toEqual([path, 404, { error: `There is nothing at ${path}.` }]);
        expect([path, (await ask(balancer.url, path, { body: {} })).status]).toEqual([path, 404]);
      }
    }
  });

  test('the model repository answers on the management port, behind the prefix', async () => {
    const management = `${iris.task.origin}:${MANAGEMENT_PORT}`;
    const { status, body } = await ask(management, '/iris/v2/repository/index', { body: {} });
    expect([status, body]).toEqual([200, [expect.objectContaining({ state: 'READY' })]]);
  });

  test('the health of /v2 is for callers: it answers on the traffic port alone', async () => {
    for (const origin of [balancer.url, iris.url])
      expect(await ask(origin, '/iris/v2/health/ready')).toMatchObject({ status: 200, body: { ready: true } });
    const management = `${iris.task.origin}:${MANAGEMENT_PORT}`;
    expect(await iris.status(`${management}/iris/v2/health/ready`)).toBe(404);
  });

  test.each(['/healthz', '/readyz', '/metrics'])('%s answers on the management port', async (route) => {
    const management = `${iris.task.origin}:${MANAGEMENT_PORT}`;
    expect(await iris.status(management + route)).toBe(200);
  });

  test('a 404 of the API is a problem with the id that the request brought', async () => {
    const headers = { 'x-request-id': 'asked-0001' };
    const answer = await ask(balancer.url, '/iris/nothing', { headers });
    expect(answer.headers).toMatchObject({ 'content-type': 'application/problem+json', ...headers });
    expect(answer.body).toMatchObject({ code: 'not_found', request_id: 'asked-0001' });
    const { body } = await ask(balancer.url, '/iris/nothing');
    expect(body.request_id).toMatch(/^[0-9a-f-]{36}$/);
  });
});
