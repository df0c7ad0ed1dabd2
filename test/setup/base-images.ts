/** The base images of the Dockerfile, made when the engine does not have them; the script says how. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

export function ensureBaseImages(): void {
  execFileSync('sh', [join(__dirname, 'base-images.sh')], { stdio: ['ignore', 'inherit', 'inherit'] });
}
