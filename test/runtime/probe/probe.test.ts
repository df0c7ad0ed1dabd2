/** The probe function as Lambda runs it: the shipped bundle, between a load balancer's answer and real replicas. */
import { rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deployedProbe, importProbe, type Probe } from './deployed';

const SAMPLES = [
  { name: 'setosa', input: { features: [5.1] }, output: 'setosa' },
  { name: 'unjudged', input: { features: [6.2] } },
];

let folder: string;
let probe: Probe;

beforeAll(async () => {
  folder = deployedProbe(SAMPLES);
  const credentials = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'eu-west-1' };
  Object.assign(process.env, credentials);
  // The client reads its endpoint once; the address is the same for every test.
  process.env.AWS_ENDPOINT_URL = `http://127.0.0.1:${await portOf(loadBalancer)}`;
  probe = await importProbe(folder);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(() => {
  targets = [];
  Object.assign(process.env, { TARGET_GROUP_ARN: 'arn:group', BASE_PATH: '/iris', TIMEOUT_MS: '2000' });
});

/** What the load balancer says of its targets: address, port, state. */
let targets: [string, number, string][];

const loadBalancer: RequestListener = (_, response) => {
  const members = targets.map(
    ([id, port, state]) =>
      `<member><Target><Id>${id}</Id><Port>${port}</Port></Target><TargetHealth><State>${state}</State></TargetHealth></member>`,
  );
  response.setHeader('content-type', 'text/xml');
  response.end(
    `<DescribeTargetHealthResponse><DescribeTargetHealthResult><TargetHealthDescriptions>${members.join('')}</TargetHealthDescriptions></DescribeTargetHealthResult></DescribeTargetHealthResponse>`,
  );
};

async function portOf(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  server.unref();
  return (server.address() as AddressInfo).port;
}

/** A ready replica that answers with what it was asked. */
async function replica(listener: RequestListener = echo): Promise<number> {
  const port = await portOf(listener);
  targets.push(['127.0.0.1', port, 'healthy']);
  return port;
}

const echo: RequestListener = (request, response) => {
  let body = '';
  request.on('data', (chunk) => {
    body += chunk;
  });
  request.on('end', () => {
    response.setHeader('x-request-id', '7');
    response.end(`${request.method} ${request.url} ${request.headers['content-type']} ${body}`);
  });
};

describe('a body', () => {
  test("is posted to a ready replica below the API's path, and the answer comes back as it is", async () => {
    const port = await replica();
    const answer = await probe({ body: { features: [5.1] } });
    expect(answer).toMatchObject({ statusCode: 200, target: `127.0.0.1:${port}` });
    expect(answer.headers['x-request-id']).toBe('7');
    expect(answer.body).toBe('POST /iris/predict application/json {"features":[5.1]}');
  });

  test('that is text is sent as it is, so that bad JSON can be tried too', async () => {
    await replica();
    expect((await probe({ body: '{"features":' })).body).toMatch(/ \{"features":$/);
  });

  test('left out is an empty object, or a GET of the given path', async () => {
    await replica();
    expect((await probe({})).body).toMatch(/^POST \/iris\/predict .*\{\}$/);
    expect((await probe({ path: '/openapi.json' })).body).toMatch(/^GET \/iris\/openapi.json/);
  });

  test('that the model refuses comes back with the status it got', async () => {
    await replica((request, response) => {
      request.resume();
      response.writeHead(422, { 'content-type': 'application/problem+json' }).end('{"code":"invalid_input"}');
    });
    expect(await probe({ body: {} })).toMatchObject({ statusCode: 422, body: '{"code":"invalid_input"}' });
  });
});

describe('samples', () => {
  test('are sent one by one, each answer beside what was expected', async () => {
    await replica();
    const { samples } = await probe({ samples: true });
    expect(samples.map(({ name, expected, statusCode }) => [name, expected, statusCode])).toEqual([
      ['setosa', 'setosa', 200],
      ['unjudged', undefined, 200],
    ]);
    expect(samples[1]?.body).toMatch(/\{"features":\[6.2\]\}$/);
  });
});

describe('without a ready replica', () => {
  test('the states of all targets are told', async () => {
    targets = [
      ['10.0.1.7', 8080, 'initial'],
      ['10.0.1.8', 8080, 'draining'],
    ];
    await expect(probe({ body: {} })).rejects.toThrow('no replica is ready: 10.0.1.7 is initial, 10.0.1.8 is draining');
  });

  test('an empty group is told as such', async () => {
    await expect(probe({ body: {} })).rejects.toThrow('no replica is ready: none is registered');
  });

  test('only healthy targets are asked', async () => {
    targets = [['127.0.0.1', 1, 'unhealthy']];
    const port = await replica();
    expect((await probe({ body: {} })).target).toBe(`127.0.0.1:${port}`);
  });
});

test('a replica that does not answer in time is named', async () => {
  process.env.TIMEOUT_MS = '50';
  const port = await replica(() => {});
  await expect(probe({ body: {} })).rejects.toThrow(`127.0.0.1:${port} did not answer: `);
});

test('a replica that is gone is named', async () => {
  targets = [['127.0.0.1', 1, 'healthy']];
  await expect(probe({ body: {} })).rejects.toThrow('127.0.0.1:1 did not answer: connect ECONNREFUSED');
});

test('a function without its settings says which one it lacks', async () => {
  delete process.env.TARGET_GROUP_ARN;
  await expect(probe({ body: {} })).rejects.toThrow('TARGET_GROUP_ARN is not set');
});
