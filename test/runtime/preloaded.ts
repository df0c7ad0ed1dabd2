/** Serves with preload on, and asks who answers and who has loaded what answers. */
import { readFileSync } from 'node:fs';
import { until } from './gate';
import { type ServeOptions, type Serving, serve } from './serve';

export const preloaded = (options: ServeOptions): Promise<Serving> =>
  serve({ ...options, manifest: { preload: true, ...options.manifest } });

/** Says once who loads it, and to each caller who answers and who has loaded it; ends as it is told. */
export const WHO = `import ctypes, os, signal, sys, time
print(f"loaded by {os.getpid()}")
LOADED_BY = os.getpid()
CALLS = []
def predict(how: str = "", until: str = "") -> list[int]:
    CALLS.append(how)
    if until:
        print(f"held by {os.getpid()}")
    while until and not os.path.exists(until):
        time.sleep(0.002)
    if how == "sys.exit":
        sys.exit(3)
    if how == "segfault":
        ctypes.string_at(0)
    if how == "SIGKILL":
        os.kill(os.getpid(), signal.SIGKILL)
    return [os.getpid(), LOADED_BY, len(CALLS)]
`;

export interface Who {
  readonly pid: number;
  readonly loadedBy: number;
  readonly calls: number;
}

export async function who(api: Serving): Promise<Who> {
  const [pid, loadedBy, calls] = (await api.post({})).json;
  return { pid, loadedBy, calls };
}

/** Requests that are held, so that each has a worker of its own; the pids of these. */
export async function held(api: Serving, file: string, count: number) {
  const replies = Array.from({ length: count }, () => api.post({ until: file }));
  const pids = () => [...new Set(saying(api, /^held by (\d+)$/))].map(Number);
  await until(() => pids().length === count);
  return { replies, pids: pids() };
}

export const saying = (api: Serving, pattern: RegExp) => api.logs.flatMap(({ msg }) => pattern.exec(msg)?.[1] ?? []);

export const loads = (api: Serving) => saying(api, /^loaded by (\d+)$/).length;

/** A process whose parent has gone may wait for somebody to hear of its end: it runs no more. */
export function isRunning(pid: number): boolean {
  try {
    return !/^State:\sZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
