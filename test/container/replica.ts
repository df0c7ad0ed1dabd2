/** One running replica of a model directory, spoken to from outside as a load balancer and a caller do. */
import { MANAGEMENT_PORT, SERVING_DEFAULTS } from '../../runtime/contract/manifest';
import type { Declared } from './declared';
import { type RunningTask, runTask, type Surroundings } from './run-task';

const READY_TIMEOUT_MS = 60_000;

export class Replica {
  private constructor(readonly task: RunningTask) {}

  static start({ task, image }: Declared, surroundings?: Surroundings): Replica {
    return new Replica(runTask(task, image, surroundings));
  }

  /** Runs the task and waits until it takes requests. A task that never does leaves its logs in the error alone. */
  static async run(declared: Declared, surroundings?: Surroundings): Promise<Replica> {
    const replica = Replica.start(declared, surroundings);
    const deadline = Date.now() + READY_TIMEOUT_MS;
    while (!(await replica.isReady())) {
      if (Date.now() < deadline) await pause(100);
      else throw replica.discard('the replica did not become ready');
    }
    return replica;
  }

  private discard(reason: string): Error {
    const logs = this.task.logs();
    this.task.remove();
    return new Error(`${reason}:\n${logs}`);
  }

  async isReady(): Promise<boolean> {
    return (await this.readiness()) === 200;
  }

  /** The status that the load balancer's health check gets, or 0. */
  readiness(): Promise<number> {
    return this.status(`${this.task.origin}:${MANAGEMENT_PORT}/readyz`);
  }

  /** The status of a GET, or 0 when nobody answers. */
  async status(url: string): Promise<number> {
    return fetch(url).then(
      (response) => response.status,
      () => 0,
    );
  }

  get url(): string {
    return `${this.task.origin}:${SERVING_DEFAULTS.port}`;
  }

  /** As a load balancer's target. */
  get target(): string {
    return new URL(this.url).host;
  }

  /** Posts a body; the status and the answer. On a connection of its own, as if each were another caller. */
  async post(input: object): Promise<{ status: number; answer: unknown }> {
    const headers = { 'content-type': 'application/json', connection: 'close' };
    const response = await fetch(`${this.url}/predict`, { method: 'POST', headers, body: JSON.stringify(input) });
    return { status: response.status, answer: await response.json() };
  }

  /** The model's answer. */
  async predict(input: object): Promise<unknown> {
    const { status, answer } = await this.post(input);
    if (status !== 200) throw new Error(`${status}: ${JSON.stringify(answer)}\n${this.task.logs()}`);
    return answer;
  }
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
