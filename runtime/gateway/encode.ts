/** Turns a worker's result into the caller's answer: today always JSON, which the worker has written already. */
import type { Answer } from './answer';
import type { Call } from './call';
import type { Prediction } from './prediction';

export function encode(result: Buffer, prediction: Prediction, call: Call): Answer {
  const totalMs = performance.now() - call.arrivedAt;
  const timing = `queue;dur=${ms(prediction.queueMs)}, predict;dur=${ms(prediction.predictMs)}, total;dur=${ms(totalMs)}`;
  return { status: 200, contentType: 'application/json', body: result, headers: { 'Server-Timing': timing } };
}

const ms = (milliseconds: number) => milliseconds.toFixed(2);
