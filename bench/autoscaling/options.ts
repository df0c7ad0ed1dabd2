/** What can be said on the command line of `npm run bench:autoscaling`. */
import { parseArgs } from 'node:util';
import { SERVING_DEFAULTS } from '../../runtime/contract/manifest';
import { findTrace, shippedNames, shippedTraces, type Trace } from './traces';
import type { Workload } from './world';

export interface Options {
  readonly traces: readonly Trace[];
  readonly workload: Workload;
  readonly maxReplicas: number;
  readonly seeds: number;
  /** Dollars of a replica for an hour. */
  readonly price?: number;
  readonly json: boolean;
  /** Nothing was chosen: what a run finds replaces the documents. */
  readonly isWhole: boolean;
}

export const USAGE = `npm run bench:autoscaling -- [options]
  --trace NAME|FILE      only this one: ${shippedNames().join(', ')};
                         or a file, JSON as in bench/autoscaling/traces, or CSV of Azure Functions or Azure LLM inference
  --service-time S       mean seconds of a request (1)
  --start-time PULL+LOAD seconds to pull the image and to load the model (30+15)
  --max-replicas N       for both sides (100)
  --seeds N              runs of each trace, of which the median is given (5)
  --price DOLLARS        of a replica for an hour (Fargate's, for the task's vCPUs and memory)
  --json                 the results as JSON, and nothing else
Without options docs/autoscaling.md, docs/autoscaling.svg and bench/results/autoscaling.json are written.`;

const SEEDS = 5;
const MAX_REPLICAS = 100;

export function readOptions(args: readonly string[]): Options {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      trace: text,
      'service-time': text,
      'start-time': text,
      'max-replicas': text,
      seeds: text,
      price: text,
      json: { type: 'boolean', default: false },
    },
  });
  const service = number('service-time', values['service-time']) ?? 1;
  const [pull, load] = startTime(values['start-time'] ?? '30+15');
  const { json, ...chosen } = values;
  return {
    traces: values.trace === undefined ? shippedTraces() : [findTrace(values.trace, service)],
    workload: { service, variation: 0.5, concurrency: 1, queue: SERVING_DEFAULTS.queueRequests, start: { pull, load } },
    maxReplicas: number('max-replicas', values['max-replicas']) ?? MAX_REPLICAS,
    seeds: number('seeds', values.seeds) ?? SEEDS,
    price: number('price', values.price),
    json,
    isWhole: !json && Object.values(chosen).every((value) => value === undefined),
  };
}

function startTime(said: string): [number, number] {
  const parts = said.split('+').map((part) => number('start-time', part) as number);
  if (parts.length === 2) return [parts[0], parts[1]];
  throw new Error(`--start-time ${said}: say the pull of the image and the load of the model, such as 30+15.`);
}

function number(option: string, said: string | undefined): number | undefined {
  if (said === undefined) return undefined;
  const value = Number(said);
  if (value > 0) return value;
  throw new Error(`--${option} ${said}: it takes a number above zero.`);
}
