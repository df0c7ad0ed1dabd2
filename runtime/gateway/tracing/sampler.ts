/**
 * Which traces are recorded, by OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG of the OpenTelemetry specification. What a
 * caller decided holds, unless the sampler's name does not begin with `parentbased_`.
 */
import { FOLLOW_PARENT, type Sampler } from '../trace';
import type { Environment } from './span-export';

const always: Sampler = () => true;
const never: Sampler = () => false;

/** `warn` is told of what cannot be used, and what is done instead. */
export function samplerOf(env: Environment, warn: (message: string) => void): Sampler {
  const name = env.OTEL_TRACES_SAMPLER?.trim() || 'parentbased_always_on';
  const own = root(name.replace(/^parentbased_/, ''), env.OTEL_TRACES_SAMPLER_ARG, warn);
  if (own !== undefined) return name.startsWith('parentbased_') ? following(own) : own;
  warn(`OTEL_TRACES_SAMPLER is ${name}, which this server does not have: it records as parentbased_always_on does.`);
  return following(always);
}

function root(name: string, argument: string | undefined, warn: (message: string) => void): Sampler | undefined {
  if (name === 'always_on') return always;
  if (name === 'always_off') return never;
  return name === 'traceidratio' ? ratio(argument, warn) : undefined;
}

const following =
  (own: Sampler): Sampler =>
  (traceId, parent) =>
    parent === undefined ? own(traceId) : FOLLOW_PARENT(traceId, parent);

/** Of the end of a trace id, which is random even where systems put a time into its front; a double holds so many. */
const RANDOM_DIGITS = 13;

/** By the trace id, so that every service with the same share records the same traces. */
function ratio(argument: string | undefined, warn: (message: string) => void): Sampler {
  const share = argument === undefined || argument.trim() === '' ? 1 : Number(argument);
  if (!(share >= 0 && share <= 1)) {
    warn(`OTEL_TRACES_SAMPLER_ARG must be a share from 0 to 1, got '${argument}': every trace is recorded.`);
    return always;
  }
  const threshold = 1 - share;
  return (traceId) => Number.parseInt(traceId.slice(-RANDOM_DIGITS), 16) / 16 ** RANDOM_DIGITS >= threshold;
}
