/**
 * W3C Trace Context, levels 1 and 2: which trace a request belongs to, and the gateway's own span in it, which is the
 * parent of all that the handler does. A header that breaks the rules starts a new trace; it never fails a request.
 */
import { randomFillSync } from 'node:crypto';
import { validTracestate } from './tracestate';

/** Whether a trace is recorded; `parent` is what the caller decided, if the caller has a trace. */
export type Sampler = (traceId: string, parent?: Parent) => boolean;

export interface Parent {
  readonly sampled: boolean;
}

/** What callers record is recorded on, and nothing is recorded that nobody asked for. */
export const FOLLOW_PARENT: Sampler = (_, parent) => parent?.sampled ?? false;

interface Traceparent extends Parent {
  readonly traceId: string;
  readonly parentId: string;
  /** Level 2: the trace id was drawn at random. */
  readonly random: boolean;
}

/** The header's version, trace id, parent id and flags, and what a later version than 00 appends. */
const TRACEPARENT = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(?:-([^,]*))?$/;

const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);

const SAMPLED = 1;
const RANDOM = 2;

/** Several headers of the name come joined by a comma, which no version has. */
function parse(header: string): Traceparent | undefined {
  const [, version, traceId, parentId, flags, more] = TRACEPARENT.exec(header) ?? [];
  if (traceId === undefined || parentId === undefined || flags === undefined) return undefined;
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (traceId === NO_TRACE || parentId === NO_SPAN) return undefined;
  const bits = Number.parseInt(flags, 16);
  return { traceId, parentId, sampled: (bits & SAMPLED) !== 0, random: (bits & RANDOM) !== 0 };
}

export class Trace {
  readonly traceId: string;
  /** The gateway's span. */
  readonly spanId = newSpanId();
  /** The caller's. */
  readonly parentId?: string;
  readonly sampled: boolean;
  /** What tracing systems before us have noted, passed on as it is. */
  readonly tracestate?: string;
  readonly #random: boolean;

  /** Takes both headers as Node gives them, where several of one name are joined by a comma. */
  constructor(traceparent?: string, tracestate?: string, sampler: Sampler = FOLLOW_PARENT) {
    const parent = traceparent === undefined ? undefined : parse(traceparent);
    this.traceId = parent?.traceId ?? newTraceId();
    this.parentId = parent?.parentId;
    this.#random = parent?.random ?? true;
    this.sampled = sampler(this.traceId, parent);
    if (parent !== undefined && tracestate !== undefined) this.tracestate = validTracestate(tracestate);
  }

  /** The header for whoever works on this request: its parent is our span. */
  get traceparent(): string {
    const flags = (this.sampled ? SAMPLED : 0) | (this.#random ? RANDOM : 0);
    return `00-${this.traceId}-${this.spanId}-0${flags}`;
  }
}

/** Ids are cut from a pool, for a call into the kernel each would cost more than the rest of a trace. */
const pool = Buffer.allocUnsafe(4_096);
let used = pool.length;

function randomHex(bytes: number): string {
  if (used + bytes > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += bytes;
  return pool.toString('hex', used - bytes, used);
}

const newTraceId = () => randomHex(16);
export const newSpanId = () => randomHex(8);
