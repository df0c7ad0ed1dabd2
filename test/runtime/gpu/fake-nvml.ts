/**
 * NVIDIA's library as a file of C that the machine's compiler makes: there is no GPU where these tests run. The worker's
 * code finds, loads and calls it as it would the real one.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const SOURCE = join(import.meta.dirname, '..', '..', 'fixtures', 'nvml', 'nvml.c');
const LIBRARY = 'libnvidia-ml.so.1';

/** What calls of a GPU return; beside NVML's own codes, these. */
export const HANGS = -1;
export const CRASHES = -2;
export const NOT_SUPPORTED = -1;
export const DRIVER_NOT_LOADED = 9;
export const GPU_IS_LOST = 15;

export interface FakeGpu {
  /** Of every call. */
  readonly code?: number;
  readonly percent?: number;
  readonly bytes?: number;
}

export class FakeNvml {
  readonly #folder = temporaryFolder();

  constructor(...gpus: readonly FakeGpu[]) {
    const library = join(this.#folder, LIBRARY);
    execFileSync('cc', ['-shared', '-fPIC', '-O1', '-Wall', '-Werror', '-o', library, SOURCE]);
    this.answer(gpus);
  }

  /** From now on. */
  answer(gpus: readonly FakeGpu[], init = 0): void {
    const lines = gpus.map(({ code = 0, percent = 0, bytes = 0 }) => `${code} ${percent} ${bytes}\n`);
    const file = join(this.#folder, 'answers');
    // By rename: it may be read at this moment.
    writeFileSync(`${file}.new`, `${init} ${gpus.length}\n${lines.join('')}`);
    renameSync(`${file}.new`, file);
  }

  /** The processes that read it. */
  get readers(): string[] {
    return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && isReader(pid, this.#folder));
  }

  /** The variables of a process that finds it. */
  get environment(): Record<string, string> {
    return { LD_LIBRARY_PATH: this.#folder, FAKE_NVML: join(this.#folder, 'answers') };
  }
}

/** A library that cannot be loaded, in place of any that this machine may have. */
export function noNvml(): Pick<FakeNvml, 'environment'> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, LIBRARY), '');
  return { environment: { LD_LIBRARY_PATH: folder } };
}

/** By its command and its variables: the gateway has the same variables. */
function isReader(pid: string, folder: string): boolean {
  try {
    const [command, variables] = ['cmdline', 'environ'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8'));
    return command?.includes('--gpus') === true && variables?.includes(folder) === true;
  } catch {
    // It has ended meanwhile.
    return false;
  }
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'nvml-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
