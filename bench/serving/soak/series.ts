/** What the soak watches, second by second, and its verdict: does anything grow with time? */
import { descriptors, residentBytes, treeOf } from '../processes';
import { median } from '../statistics';

export interface Point {
  readonly seconds: number;
  readonly gatewayBytes: number;
  readonly gatewayDescriptors: number;
  /** All workers together. */
  readonly workerBytes: number;
  readonly workerDescriptors: number;
}

export interface Verdict {
  readonly holds: boolean;
  readonly text: string;
}

/** The first tenth is the warm-up; then the next fifth is compared with the last. */
const WARM_UP_SHARE = 0.1;
const COMPARED_SHARE = 0.2;
const MAY_GROW = 1.1;
/** Connections come and go; a leak of one a death or a disconnect is far more. */
const MAY_ADD_DESCRIPTORS = 8;

export function sample(gateway: number, startedAt: number): Point {
  const [, ...workers] = treeOf(gateway);
  const sum = (of: (pid: number) => number) => workers.reduce((total, pid) => total + of(pid), 0);
  return {
    seconds: (performance.now() - startedAt) / 1000,
    gatewayBytes: residentBytes(gateway),
    gatewayDescriptors: descriptors(gateway),
    workerBytes: sum(residentBytes),
    workerDescriptors: sum(descriptors),
  };
}

export function judge(points: readonly Point[]): Verdict {
  const early = points.slice(
    Math.floor(points.length * WARM_UP_SHARE),
    Math.floor(points.length * (WARM_UP_SHARE + COMPARED_SHARE)),
  );
  const late = points.slice(Math.floor(points.length * (1 - COMPARED_SHARE)));
  const middles = (key: keyof Point) => [early, late].map((part) => median(part.map((point) => point[key])));
  const memory = (['gatewayBytes', 'workerBytes'] as const).map((key) => {
    const [before, after] = middles(key);
    return { key, holds: after <= before * MAY_GROW, text: `${key} ${megabytes(before)} → ${megabytes(after)}` };
  });
  const open = (['gatewayDescriptors', 'workerDescriptors'] as const).map((key) => {
    const [before, after] = middles(key);
    return { key, holds: after <= before + MAY_ADD_DESCRIPTORS, text: `${key} ${before} → ${after}` };
  });
  const all = [...memory, ...open];
  const holds = all.every((one) => one.holds);
  const said = all.map((one) => `${one.text}${one.holds ? '' : ' (GROWS)'}`).join(', ');
  return { holds, text: `${holds ? 'Flat' : 'Not flat'}: ${said}.` };
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
