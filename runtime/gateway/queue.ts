/**
 * The bounded first-in-first-out of predictions that wait for a worker, by count and by bytes of their bodies. Adding,
 * taking and removing from the middle (a deadline, a caller that has gone) each take the same time however many wait.
 */
import { PassingMap } from './passing-map';
import type { Prediction } from './prediction';

/** Which bound refused a prediction. */
export type QueueBound = 'queue_requests' | 'queue_bytes';

export interface QueueLimits {
  readonly queueRequests: number;
  readonly queueBytes: number;
}

/** A doubly linked list; the ends point at nothing. */
interface Node {
  readonly prediction: Prediction;
  before?: Node;
  after?: Node;
}

export class Queue {
  readonly #nodes = new PassingMap<Prediction, Node>();
  #first?: Node;
  #last?: Node;
  #bytes = 0;
  #rows = 0;

  constructor(private readonly limits: QueueLimits) {}

  get length(): number {
    return this.#nodes.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Rows of all that wait: as many as there are, save where a request brings several. */
  get rows(): number {
    return this.#rows;
  }

  get first(): Prediction | undefined {
    return this.#first?.prediction;
  }

  /** Adds at the end, or says which bound forbids it. */
  offer(prediction: Prediction): QueueBound | undefined {
    if (this.length >= this.limits.queueRequests) return 'queue_requests';
    if (this.#bytes + prediction.body.length > this.limits.queueBytes) return 'queue_bytes';
    this.#insert({ prediction, before: this.#last });
    return undefined;
  }

  /** Puts back at the front what had been taken: it was admitted once, so no bound refuses it. */
  putBack(prediction: Prediction): void {
    this.#insert({ prediction, after: this.#first });
  }

  take(): Prediction | undefined {
    const first = this.#first?.prediction;
    if (first !== undefined) this.remove(first);
    return first;
  }

  remove(prediction: Prediction): void {
    const node = this.#nodes.get(prediction);
    if (node === undefined) return;
    this.#nodes.delete(prediction);
    this.#bytes -= prediction.body.length;
    this.#rows -= prediction.rows;
    if (node.before === undefined) this.#first = node.after;
    else node.before.after = node.after;
    if (node.after === undefined) this.#last = node.before;
    else node.after.before = node.before;
    // A node that has become garbage in V8's old space must not keep the next one alive (`passing-map.ts`).
    node.before = undefined;
    node.after = undefined;
    prediction.place = 'outside';
  }

  #insert(node: Node): void {
    if (node.before === undefined) this.#first = node;
    else node.before.after = node;
    if (node.after === undefined) this.#last = node;
    else node.after.before = node;
    this.#nodes.set(node.prediction, node);
    this.#bytes += node.prediction.body.length;
    this.#rows += node.prediction.rows;
    node.prediction.place = 'queue';
  }
}
