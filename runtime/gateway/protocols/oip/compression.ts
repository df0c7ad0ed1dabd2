/** Answers in the coding that a caller accepts: gzip or deflate, where there is enough to gain. */
import { promisify } from 'node:util';
import { deflate, gzip, type InputType, type ZlibOptions } from 'node:zlib';
import type { Answer } from '../../answer';

/** Below, the head of the answer is most of it. */
const SMALLEST_BYTES = 1_024;

/** Tensors are mostly noise: more effort finds little more in them. */
const LEVEL = 1;

type Encoder = (bytes: InputType, options: ZlibOptions) => Promise<Buffer>;

const ENCODERS: Readonly<Record<string, Encoder>> = { gzip: promisify(gzip), deflate: promisify(deflate) };

export async function compressed(answer: Answer, accepted: string | undefined): Promise<Answer> {
  const { body, headers } = answer;
  if (!(typeof body === 'string' || Buffer.isBuffer(body))) return answer;
  // Of the bare answer too: a cache must not give it to whoever asks for the other.
  const varied = { ...headers, Vary: 'Accept-Encoding' };
  const coding = accepted === undefined ? undefined : wanted(accepted);
  const encoder = coding === undefined ? undefined : ENCODERS[coding];
  if (coding === undefined || encoder === undefined || Buffer.byteLength(body) < SMALLEST_BYTES)
    return { ...answer, headers: varied };
  const bytes = await encoder(body, { level: LEVEL });
  return { ...answer, body: bytes, headers: { ...varied, 'Content-Encoding': coding } };
}

/** The one with the highest weight (RFC 9110, 12.5.3); of equal ones the first. */
function wanted(accepted: string): string | undefined {
  const weighed = accepted
    .toLowerCase()
    .split(',')
    .map((item) => /^\s*([a-z]+)\s*(?:;\s*q=([\d.]+)\s*)?$/.exec(item))
    .map((match) => ({ coding: match?.[1] ?? '', weight: Number(match?.[2] ?? 1) }))
    .filter(({ coding, weight }) => weight > 0 && Object.hasOwn(ENCODERS, coding));
  return weighed.sort((one, other) => other.weight - one.weight)[0]?.coding;
}
