/**
 * Tells which files of a model directory changed, gathered over a moment, because an editor or `git checkout` writes
 * several. What no handler is made of is not watched: environments, caches, logs, hidden files. Samples are watched: a worker
 * answers them before it serves.
 */
import { basename } from 'node:path';
import { watch } from 'chokidar';
import { Changes } from './changes';

/** Long enough for an editor that writes a file in steps, short against the time to load. */
const GATHER_MS = 60;

const NOT_WATCHED = new Set(['__pycache__', 'node_modules', 'venv', 'cdk.out']);

export interface Watcher {
  close(): Promise<void>;
}

/** Resolves when changes from now on are seen. */
export async function watchDirectory(directory: string, onChange: (files: string[]) => void): Promise<Watcher> {
  const changes = new Changes(directory);
  let timer: NodeJS.Timeout | undefined;
  const tell = () => {
    const files = changes.take();
    if (files.length > 0) onChange(files);
  };
  const watcher = watch(directory, {
    ignored: (path) => path !== directory && isNotWatched(path),
    ignoreInitial: true,
  });
  watcher.on('all', (event, path) => {
    if (event.endsWith('Dir')) return;
    changes.add(event, path);
    clearTimeout(timer);
    timer = setTimeout(tell, GATHER_MS);
  });
  await new Promise<void>((resolve) => watcher.once('ready', resolve));
  return {
    close: async () => {
      clearTimeout(timer);
      await watcher.close();
    },
  };
}

/** `.python-version` is the one hidden file that decides something. */
function isNotWatched(path: string): boolean {
  const name = basename(path);
  if (name === '.python-version') return false;
  return NOT_WATCHED.has(name) || name.startsWith('.') || /(~|\.pyc|\.log|\.tmp|\.swp)$/.test(name);
}
