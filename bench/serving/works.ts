/**
 * The works that every server is given: what is sent, how a right answer is told from a wrong one, and under which loads
 * it is measured. Bodies are made once and are the same for everybody, up to the form that a protocol asks for.
 */

export type WorkName = 'trivial' | 'json100k' | 'sklearn' | 'batchable' | 'mlp' | 'sleep' | 'cpu' | 'stream' | 'binary';

export interface Work {
  readonly name: WorkName;
  readonly title: string;
  /** What the body carries: a row of numbers, as JSON or, for `binary`, as 32-bit floats. */
  readonly features: readonly number[];
  /** Is this the right answer, in whatever envelope a peer puts it? */
  readonly isRight: (text: string) => boolean;
  /** Connections of the closed loops. */
  readonly closed: readonly number[];
  /** Shares of a server's own peak at which the open loops run; none where a closed loop says enough. */
  readonly open: readonly number[];
  /** A later answer is worth nothing to its caller, in milliseconds. */
  readonly deadlineMs: number;
  /** Has a form for several rows in one call: peers that batch are measured with that on and off. */
  readonly batches: boolean;
}

const CLOSED = [1, 8, 64] as const;
const KNEE = [0.5, 1, 1.5] as const;
/** Above the second that a full default queue of 10 ms handlers takes. */
const DEADLINE_MS = 2_000;

const IRIS = [5.1, 3.5, 1.4, 0.2];
/** Written with four decimals, as pixels and embeddings come; the sum is exact in binary. */
const LONG = Array.from({ length: 14_000 }, (_, index) => 0.0625 * (1 + (index % 16)) + 1000 * (index % 2));
const PIXELS = Array.from({ length: 784 }, (_, index) => Math.round(((index * 7919) % 1000) * 10) / 10_000);
const TENSOR = Array.from({ length: 262_144 }, (_, index) => index % 4);

const plain = { closed: CLOSED, open: [], deadlineMs: DEADLINE_MS, batches: false } as const;

export const WORKS: readonly Work[] = [
  { ...plain, name: 'trivial', title: 'Trivial JSON', features: IRIS, isRight: says('setosa'), open: KNEE },
  { ...plain, name: 'json100k', title: '100 KB JSON, sum', features: LONG, isRight: totals(LONG) },
  {
    ...plain,
    name: 'sklearn',
    title: 'scikit-learn logistic regression, one row',
    features: IRIS,
    isRight: says('setosa'),
    open: KNEE,
    batches: true,
  },
  {
    ...plain,
    name: 'batchable',
    title: 'Batchable model, 5 ms + 0.1 ms a row',
    features: [1, 2, 3, 4],
    isRight: totals([1, 2, 3, 4]),
    batches: true,
  },
  { ...plain, name: 'mlp', title: 'NumPy MLP, 784 inputs', features: PIXELS, isRight: says('digit '), batches: true },
  { ...plain, name: 'sleep', title: '10 ms sleep', features: [1], isRight: says('slept') },
  { ...plain, name: 'cpu', title: '10 ms CPU', features: [1], isRight: says('spun'), open: KNEE },
  { ...plain, name: 'stream', title: '200-token stream', features: [200], isRight: hasTokens(200), closed: [1, 8] },
  {
    ...plain,
    name: 'binary',
    title: '1 MiB binary tensor, sum',
    features: TENSOR,
    isRight: totals(TENSOR),
    closed: [1, 8],
  },
];

function says(word: string): (text: string) => boolean {
  return (text) => text.includes(word);
}

function totals(values: readonly number[]): (text: string) => boolean {
  const total = String(values.reduce((sum, value) => sum + value, 0));
  return (text) => text.includes(total);
}

function hasTokens(count: number): (text: string) => boolean {
  return (text) => text.split('tok ').length - 1 === count;
}
