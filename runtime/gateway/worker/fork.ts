/** One process that was forked from a zygote, which alone is told how it ends. */
import { Deferred } from '../deferred';
import { type Exit, killGroup } from './child';

const UNSEEN: Exit = {
  reason: 'exit',
  how: 'ended; how is not known, because the process that it was forked from did not live to tell',
};

/** When the parent has not told so long after the kill, it is the parent that does not run. */
const TOLD_WITHIN_MS = 5_000;

export class Fork {
  readonly #exited = new Deferred<Exit>();
  pid?: number;
  isOrphan = false;
  #isKilled = false;
  #hasEnded = false;
  #alarm?: NodeJS.Timeout;

  constructor(private readonly parentHangs: () => void) {}

  get exited(): Promise<Exit> {
    return this.#exited.promise;
  }

  begin(pid: number): void {
    this.pid = pid;
    if (this.#isKilled) killGroup(pid);
  }

  end(exit: Exit): void {
    this.#hasEnded = true;
    clearTimeout(this.#alarm);
    this.#exited.resolve(exit);
  }

  /** One that was not begun then never will be. */
  loseParent(parents: Exit): void {
    this.isOrphan = true;
    if (this.pid === undefined) this.end(parents);
    else if (this.#isKilled) this.kill();
  }

  kill(): void {
    // Its pid may be another's by now.
    if (this.#hasEnded) return;
    this.#isKilled = true;
    if (this.pid !== undefined) killGroup(this.pid);
    if (this.isOrphan) this.end(UNSEEN);
    else this.#alarm ??= setTimeout(() => this.#giveUp(), TOLD_WITHIN_MS);
  }

  #giveUp(): void {
    this.end(UNSEEN);
    this.parentHangs();
  }
}
