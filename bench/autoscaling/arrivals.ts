/** Requests of many independent callers: a Poisson process whose rate follows a trace. */
import type { Engine } from './engine';
import type { Random } from './random';
import type { Trace } from './traces';

/** The rate is looked at so often: nothing in a trace happens faster. */
const STEP_SECONDS = 1;

/** Calls `arrive` for each request until the trace ends; `service` is the mean time of one, in seconds. */
export function startArrivals(engine: Engine, trace: Trace, service: number, random: Random, arrive: () => void): void {
  const next = arrivalTimes(trace, service, random);
  const plan = () => {
    const time = next();
    if (time !== undefined) engine.at(time, arriveAndPlan);
  };
  const arriveAndPlan = () => {
    arrive();
    plan();
  };
  plan();
}

/** By the integral of the rate: the time at which it has grown by an exponential draw. */
function arrivalTimes(trace: Trace, service: number, random: Random): () => number | undefined {
  let step = 0;
  let time = 0;
  let rate = trace.at(STEP_SECONDS / 2) / service;
  return () => {
    let missing = random.exponential(1);
    for (;;) {
      const end = (step + 1) * STEP_SECONDS;
      const left = rate * (end - time);
      if (missing <= left) {
        time += missing / rate;
        return time;
      }
      missing -= left;
      step += 1;
      time = end;
      if (time >= trace.seconds) return undefined;
      rate = trace.at(time + STEP_SECONDS / 2) / service;
    }
  };
}
