/**
 * Who is measured: for each server what it needs, how it is started in its best documented shape, and in which form it
 * takes a work. What a peer cannot express is left blank with the reason, and is nobody's win.
 */
import { join } from 'node:path';
import type { EnvironmentName } from './environment';
import { gatewayLaunch } from './gateway';
import type { Launch } from './launch';
import { type HttpRequest, jsonRequest, oipBinaryRequest, oipRequest, rawRequest } from './request';
import type { Work, WorkName } from './works';

export interface Peer {
  readonly name: string;
  readonly title: string;
  readonly environment: EnvironmentName;
  /** Which of ours it is compared with: the one with as many workers. Nothing for ours themselves. */
  readonly against?: string;
  /** With several rows in one call. */
  readonly batching?: boolean;
  readonly works: readonly WorkName[];
  /** Why the other works are blank. */
  readonly blank: string;
  readonly launch: (programs: string, work: Work, port: number) => Launch;
  readonly request: (work: Work) => HttpRequest;
}

const FOLDER = join(__dirname, 'peers');

const ROWS: readonly WorkName[] = ['trivial', 'json100k', 'sklearn', 'batchable', 'mlp', 'sleep', 'cpu'];
const BATCHED: readonly WorkName[] = ['sklearn', 'batchable', 'mlp'];
const EVERY: readonly WorkName[] = [...ROWS, 'stream', 'binary'];

const OURS: readonly Peer[] = [
  {
    name: 'ours',
    title: 'this gateway, 1 worker',
    environment: 'ours',
    batching: true,
    works: EVERY,
    blank: '',
    launch: (programs, work, port) => gatewayLaunch(programs, work.name, { port }),
    request: ourRequest,
  },
  {
    name: 'ours-no-batching',
    title: 'this gateway, batching off',
    environment: 'ours',
    against: 'ours',
    works: BATCHED,
    blank: 'the work has no batches',
    launch: (programs, work, port) => gatewayLaunch(programs, work.name, { port }, { batching: { maxBatchSize: 1 } }),
    request: ourRequest,
  },
  {
    name: 'ours-w2',
    title: 'this gateway, 2 workers',
    environment: 'ours',
    batching: true,
    works: ['trivial', 'cpu', 'sklearn'],
    blank: 'two workers are compared on trivial, sklearn and cpu alone',
    launch: (programs, work, port) => gatewayLaunch(programs, work.name, { port, workers: 2 }),
    request: ourRequest,
  },
];

const PEERS: readonly Peer[] = [
  fastApi('fastapi-async', 'FastAPI, uvicorn, async def', 'async', 1, 'ours', EVERY),
  fastApi('fastapi-sync', 'FastAPI, uvicorn, def', 'sync', 1, 'ours', ROWS),
  fastApi('fastapi-async-w2', 'FastAPI, uvicorn, async def, 2 workers', 'async', 2, 'ours-w2', OURS[2].works),
  {
    name: 'flask',
    title: 'Flask, gunicorn gthread',
    environment: 'flask',
    against: 'ours',
    works: EVERY,
    blank: '',
    launch: (programs, work, port) => ({
      ...python(work, port),
      command: join(programs, 'gunicorn'),
      args: ['flask_app:app', '--bind', `127.0.0.1:${port}`, ...gunicornOptions(work)],
    }),
    request: (work) => (work.name === 'binary' ? rawRequest('/predict', work) : jsonRequest('/predict', work)),
  },
  ...both({
    name: 'litserve',
    title: 'LitServe',
    environment: 'litserve',
    works: [...ROWS, 'stream'],
    blank: 'it reads bodies as JSON or as forms with files, and no others',
    launch: (programs, work, port) => script(programs, 'litserve_app.py', work, port),
    request: (work) => jsonRequest('/predict', work),
  }),
  ...both({
    name: 'bentoml',
    title: 'BentoML',
    environment: 'bentoml',
    works: EVERY,
    blank: '',
    launch: (programs, work, port) => ({
      ...python(work, port),
      command: join(programs, 'bentoml'),
      args: ['serve', 'bentoml_app:Bench', '--host', '127.0.0.1', '--port', String(port)],
    }),
    request: (work) => (work.name === 'binary' ? rawRequest('/predict', work) : jsonRequest('/predict', work)),
    batchRequest: (work) => jsonRequest('/predict', work, 'rows'),
  }),
  ...both({
    name: 'mlserver',
    title: 'MLServer',
    environment: 'mlserver',
    works: [...ROWS, 'stream'],
    blank: 'its REST side has no binary extension',
    launch: (programs, work, port) => script(programs, 'mlserver_runtime.py', work, port),
    request: (work) => oipRequest(`/v2/models/bench/${work.name === 'stream' ? 'infer_stream' : 'infer'}`, work),
  }),
  ...both({
    name: 'ray',
    title: 'Ray Serve',
    environment: 'ray',
    works: EVERY,
    blank: '',
    launch: (programs, work, port) => script(programs, 'ray_app.py', work, port),
    request: (work) => (work.name === 'binary' ? rawRequest('/predict', work) : jsonRequest('/predict', work)),
  }),
  ...both({
    name: 'mosec',
    title: 'mosec',
    environment: 'mosec',
    works: EVERY,
    blank: '',
    launch: (programs, work, port) => script(programs, 'mosec_app.py', work, port),
    request: (work) => (work.name === 'binary' ? rawRequest('/inference', work) : jsonRequest('/inference', work)),
  }),
];

const CONTROLS: readonly Peer[] = [
  {
    name: 'bare-node-http',
    title: 'control: bare node:http',
    environment: 'ours',
    against: 'ours',
    works: ['trivial'],
    blank: 'a control, for the trivial work alone',
    launch: (_, work, port) => ({
      ...python(work, port),
      command: process.execPath,
      args: [join(FOLDER, 'node_http.mjs')],
    }),
    request: (work) => jsonRequest('/', work),
  },
  {
    name: 'bare-asgi',
    title: 'control: bare ASGI, uvicorn',
    environment: 'fastapi',
    against: 'ours',
    works: ['trivial'],
    blank: 'a control, for the trivial work alone',
    launch: (programs, work, port) => uvicorn(programs, 'asgi_app:app', work, port, 1),
    request: (work) => jsonRequest('/', work),
  },
];

/** In the order of the tables. */
export const ALL: readonly Peer[] = [...OURS, ...PEERS, ...CONTROLS];

function ourRequest(work: Work): HttpRequest {
  if (work.name === 'binary') return oipBinaryRequest('/v2/models/model/infer', work);
  const request = jsonRequest('/predict', work);
  return { ...request, headers: { ...request.headers, 'X-Model-Api-Timeout-Ms': String(work.deadlineMs) } };
}

function fastApi(
  name: string,
  title: string,
  variant: 'async' | 'sync',
  workers: number,
  against: string,
  works: readonly WorkName[],
): Peer {
  const launch = (programs: string, work: Work, port: number) => {
    const started = uvicorn(programs, 'fastapi_app:app', work, port, workers);
    return { ...started, env: { ...started.env, BENCH_VARIANT: variant } };
  };
  const request = (work: Work) =>
    work.name === 'binary' ? rawRequest('/predict', work) : jsonRequest('/predict', work);
  const blank = 'measured for async def with one worker';
  return { name, title, environment: 'fastapi', against, works, blank, launch, request };
}

/** A peer that batches is measured both ways on works that can be batched. */
function both(peer: Omit<Peer, 'against'> & { readonly batchRequest?: (work: Work) => HttpRequest }): Peer[] {
  const { batchRequest = peer.request, ...plain } = peer;
  const batched: Peer = {
    ...plain,
    name: `${peer.name}-batching`,
    title: `${peer.title}, batching`,
    against: 'ours',
    batching: true,
    works: BATCHED,
    blank: 'the work has no batches',
    launch: (programs, work, port) => {
      const launch = peer.launch(programs, work, port);
      return { ...launch, env: { ...launch.env, BENCH_BATCHING: 'on' } };
    },
    request: batchRequest,
  };
  return [{ ...plain, against: 'ours' }, batched];
}

function script(programs: string, file: string, work: Work, port: number): Launch {
  return { ...python(work, port), command: join(programs, 'python'), args: [file] };
}

function uvicorn(programs: string, app: string, work: Work, port: number, workers: number): Launch {
  const loop = ['--loop', 'uvloop', '--http', 'httptools', '--workers', String(workers)];
  // The health check of several workers has a clock that goes on while this server is frozen.
  const quiet = ['--no-access-log', '--log-level', 'warning', '--timeout-worker-healthcheck', '600'];
  const args = [app, '--host', '127.0.0.1', '--port', String(port), ...loop, ...quiet];
  return { ...python(work, port), command: join(programs, 'uvicorn'), args };
}

/** A thread that waits costs little, one that computes fights for the interpreter's lock. */
function gunicornOptions(work: Work): string[] {
  const threads = work.name === 'sleep' ? 64 : 8;
  // Without a time limit: its clock goes on while another server has its turn and this one is frozen.
  const waits = ['--timeout', '0', '--keep-alive', '75', '--no-control-socket'];
  return [
    '--workers',
    '1',
    '--worker-class',
    'gthread',
    '--threads',
    String(threads),
    '--log-level',
    'warning',
    ...waits,
  ];
}

function python(work: Work, port: number): Pick<Launch, 'env' | 'cwd'> {
  const env = { BENCH_WORK: work.name, BENCH_PORT: String(port) };
  return { env, cwd: FOLDER };
}
