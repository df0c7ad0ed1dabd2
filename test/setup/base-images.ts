/** The base images of the Dockerfile, made when the engine does not have them; the script says how. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** `cuda`: that of NVIDIA beside the others. */
export function ensureBaseImages(...more: readonly 'cuda'[]): void {
  execFileSync('sh', [join(__dirname, 'base-images.sh'), ...more], { stdio: ['ignore', 'inherit', 'inherit'] });
}
