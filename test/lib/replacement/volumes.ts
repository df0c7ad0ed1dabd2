/** For each option of a volume an edit of it, and what that edit may cost. */
import type { Stack } from 'aws-cdk-lib';
import { FileSystem } from 'aws-cdk-lib/aws-efs';
import { type EfsVolumeOptions, type ModelApiProps, ModelPlatform, ServingVolume } from '../../../lib';
import { apiIn } from '../declaration';
import type { Change } from './change';

interface Files {
  readonly one: FileSystem;
  readonly other: FileSystem;
}

type WithFiles = (files: Files) => Partial<ModelApiProps>;

/** Two file systems in the platform's network, which the API mounts in another way or not at all. */
function besideFiles(after: WithFiles, before: WithFiles): Change {
  const declare = (props: WithFiles) => (stack: Stack) => {
    const platform = new ModelPlatform(stack, 'Platform');
    const { vpc } = platform;
    const files = { one: new FileSystem(stack, 'One', { vpc }), other: new FileSystem(stack, 'Other', { vpc }) };
    apiIn(stack, { platform, ...props(files) });
  };
  return { before: declare(before), after: declare(after), replaces: {} };
}

const PATH = '/mnt/models';
const OWNER = { posixUser: { uid: '10001', gid: '10001' } };

const mounted = (options: EfsVolumeOptions) => ({ volumes: [ServingVolume.efs(options)] });

const mount = (after: (files: Files) => Partial<EfsVolumeOptions>): Change =>
  besideFiles(
    (files) => mounted({ fileSystem: files.one, path: PATH, ...after(files) }),
    ({ one }) => mounted({ fileSystem: one, path: PATH }),
  );

const mounts = besideFiles(
  ({ one }) => mounted({ fileSystem: one, path: PATH }),
  () => ({}),
);

export const VOLUMES: Record<string, Change> = {
  'ModelApiProps.volumes': mounts,
  'ServingVolume.efs': mounts,
  'EfsVolumeOptions.accessPoint': mount(({ one }) => ({ accessPoint: one.addAccessPoint('Point', OWNER) })),
  'EfsVolumeOptions.fileSystem': mount(({ other }) => ({ fileSystem: other })),
  'EfsVolumeOptions.path': mount(() => ({ path: '/mnt/weights' })),
  'EfsVolumeOptions.readOnly': mount(() => ({ readOnly: false })),
};
