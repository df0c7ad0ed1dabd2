/**
 * What a replica has mounted beside its own scratch. More scratch is no volume: on Fargate one mounts as root's, and the
 * container is not root. `/tmp` and `/var/cache/model` are there to write to, as large as `ephemeralStorage`.
 */
import type { IConnectable } from 'aws-cdk-lib/aws-ec2';
import type { EfsVolumeConfiguration } from 'aws-cdk-lib/aws-ecs';
import type { IAccessPoint, IFileSystem } from 'aws-cdk-lib/aws-efs';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IDependable } from 'constructs';

/** A file system of Amazon EFS, and where a replica sees it. */
export interface EfsVolumeOptions {
  /**
   * The file system, in the VPC of the replicas. Its security group lets them in, and their role may mount it.
   */
  readonly fileSystem: IFileSystem;

  /**
   * Where the handler finds it, such as `/mnt/models`.
   */
  readonly path: string;

  /**
   * The access point through which it is mounted. To write, give one with a `posixUser` who owns its folder: the
   * container's user is 10001, and a new file system belongs to root.
   *
   * @default - the file system's root
   */
  readonly accessPoint?: IAccessPoint;

  /**
   * Whether the handler may only read. Said to the container and by its role.
   *
   * @default true
   */
  readonly readOnly?: boolean;
}

/**
 * What a volume asks of a task and its service.
 *
 * @internal
 */
export interface ServingVolumeBinding {
  readonly path: string;
  readonly readOnly: boolean;
  readonly efs: EfsVolumeConfiguration;
  /** Who has to let replicas in. */
  readonly host: IConnectable;
  /** What has to be there before a replica can mount it. */
  readonly reachable: IDependable;
  readonly grant: (replicas: IGrantable) => Grant;
}

/** A file system that a replica's handler sees. */
export abstract class ServingVolume {
  /**
   * A file system of Amazon EFS, encrypted on its way and mounted by the permission of the task's role.
   *
   * @param options which, and where
   */
  public static efs(options: EfsVolumeOptions): ServingVolume {
    return new EfsVolume(options);
  }

  /** @internal */
  public abstract _bind(): ServingVolumeBinding;
}

class EfsVolume extends ServingVolume {
  constructor(private readonly options: EfsVolumeOptions) {
    super();
  }

  public _bind(): ServingVolumeBinding {
    const { fileSystem, path, accessPoint, readOnly = true } = this.options;
    return {
      path,
      readOnly,
      efs: {
        fileSystemId: fileSystem.fileSystemId,
        transitEncryption: 'ENABLED',
        authorizationConfig: { iam: 'ENABLED', accessPointId: accessPoint?.accessPointId },
      },
      host: fileSystem,
      reachable: fileSystem.mountTargetsAvailable,
      grant: (replicas) => (readOnly ? fileSystem.grantRead(replicas) : fileSystem.grantReadWrite(replicas)),
    };
  }
}
