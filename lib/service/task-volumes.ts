/** What a task has mounted: its scratch, which the image declares, and the volumes that were given. */
import { type ContainerDefinition, Scope, type TaskDefinition, type Volume } from 'aws-cdk-lib/aws-ecs';
import { IMAGE_PATHS } from '../../runtime/contract/manifest';
import { type Check, isKnown } from '../private/check';
import type { ServingVolumeBinding } from '../serving-volume';

/** The second one of the folders that the image declares holds what is downloaded, and may be shared. */
const [, CACHE] = IMAGE_PATHS.scratch;

/** A volume for each folder that the image declares. */
export function scratchVolumes(cacheVolume?: string): Volume[] {
  return IMAGE_PATHS.scratch.map((path) => ({
    name: scratchName(path, cacheVolume),
    dockerVolumeConfiguration: isShared(path, cacheVolume) ? SHARED : undefined,
  }));
}

/** Lasts longer than a task. Docker makes it with the owner that the folder has in the image. */
const SHARED = { scope: Scope.SHARED, autoprovision: true, driver: 'local' };

function isShared(path: string, cacheVolume?: string): cacheVolume is string {
  return cacheVolume !== undefined && path === CACHE;
}

function scratchName(path: string, cacheVolume?: string): string {
  return isShared(path, cacheVolume) ? cacheVolume : path.slice(1).replaceAll('/', '-');
}

export function mountScratch(container: ContainerDefinition, cacheVolume?: string): void {
  for (const path of IMAGE_PATHS.scratch) {
    container.addMountPoints({ containerPath: path, sourceVolume: scratchName(path, cacheVolume), readOnly: false });
  }
}

export function mountVolumes(
  task: TaskDefinition,
  container: ContainerDefinition,
  volumes: readonly ServingVolumeBinding[],
): void {
  for (const [index, { path, readOnly, efs }] of volumes.entries()) {
    const name = `volume${index}`;
    task.addVolume({ name, efsVolumeConfiguration: efs });
    container.addMountPoints({ containerPath: path, sourceVolume: name, readOnly });
  }
}

const ABSOLUTE = /^(\/(?!\.{1,2}(\/|$))[^/:]+)+$/;

/** Python's environment, our own code, the handler. */
const OURS = ['/opt/venv', '/opt/model-api', IMAGE_PATHS.handler];
const SYSTEM = ['bin', 'boot', 'dev', 'etc', 'lib', 'lib32', 'lib64', 'proc', 'root', 'run', 'sbin', 'sys', 'usr'];
/** Nothing may be mounted in these. */
const CLOSED = [...OURS, ...SYSTEM.map((name) => `/${name}`)];

export function checkVolumes(check: Check, volumes: readonly ServingVolumeBinding[]): void {
  const paths = volumes.map(({ path }) => path).filter(isKnown);
  for (const [index, path] of paths.entries()) {
    const got = `(got ${JSON.stringify(path)})`;
    check.that(
      ABSOLUTE.test(path),
      `path of a volume must be absolute, below / and without a final slash, . or .., such as '/mnt/models' ${got}`,
    );
    const conflict = conflictOf(path);
    check.that(
      conflict === undefined,
      `path of a volume must not ${conflict}, which the container needs ${got}: give another, such as '/mnt/models'`,
    );
    check.that(
      paths.indexOf(path) === index,
      `path of two volumes is ${JSON.stringify(path)}: give one of them another`,
    );
  }
}

function conflictOf(path: string): string | undefined {
  const hidden = [...CLOSED, ...IMAGE_PATHS.scratch].find((folder) => `${folder}/`.startsWith(`${path}/`));
  const around = CLOSED.find((folder) => path.startsWith(`${folder}/`));
  if (hidden) return `hide ${hidden}`;
  return around && `lie in ${around}`;
}
