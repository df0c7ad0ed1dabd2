/**
 * Whether the kernel killed something for lack of memory, and how much there is: read from the control group, version 2
 * or 1, that a container's processes share. A process that dies of it sees only SIGKILL, which says nothing.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const CGROUP = '/sys/fs/cgroup';

/** What version 1 shows where nothing is limited is near 2^63. */
const UNLIMITED_BYTES = 2 ** 60;

export class MemoryWatch {
  /** Those known of at the last `forget` and at the one before, since a death may be told just after one. */
  #known: number;
  #knownBefore: number;

  constructor(private readonly folder = CGROUP) {
    this.#known = this.#knownBefore = this.#readKills();
  }

  /** Whether there were kills since this was last asked, of late. */
  hasKilled(): boolean {
    const before = this.#knownBefore;
    this.#known = this.#knownBefore = this.#readKills();
    return this.#known > before;
  }

  /** To be called regularly: kills before the last call are too old to matter. */
  forget(): void {
    this.#knownBefore = this.#known;
    this.#known = this.#readKills();
  }

  /** What all processes of the container may use together; undefined when nothing says. */
  get limitBytes(): number | undefined {
    const text = this.#read('memory.max') ?? this.#read('memory/memory.limit_in_bytes');
    const bytes = Number(text);
    return text === undefined || Number.isNaN(bytes) || bytes > UNLIMITED_BYTES ? undefined : bytes;
  }

  #readKills(): number {
    const text = this.#read('memory.events') ?? this.#read('memory/memory.oom_control') ?? '';
    return Number(/^oom_kill (\d+)$/m.exec(text)?.[1] ?? 0);
  }

  #read(file: string): string | undefined {
    try {
      return readFileSync(join(this.folder, file), 'utf8');
    } catch {
      return undefined;
    }
  }
}
