/**
 * What a replica has mounted beside its own scratch. More scratch is no volume: on Fargate one mounts as root's, and the
 * container is not root. `/tmp` and `/var/cache/model` are there to write to, as large as `ephemeralStorage`.
 */
import { Resource } from 'aws-cdk-lib';
import type { IConnectable } from 'aws-cdk-lib/aws-ec2';
import type { EfsVolumeConfiguration } from 'aws-cdk-lib/aws-ecs';
import type { IAccessPoint, IFileSystem } from 'aws-cdk-lib/aws-efs';
import type { PolicyStatementProps } from 'aws-cdk-lib/aws-iam';
import type { IDependable } from 'constructs';
import { type Check, isKnown } from './private/check';

/** A file system of Amazon EFS, and where a replica sees it. */
export interface EfsVolumeOptions {
  /**
   * The file system, in the VPC of the replicas. Its security group lets them in, and their role may mount it; its own
   * policy stays as it is. One without a policy lets in everybody who reaches it, to write too: the CDK's
   * `allowAnonymousAccess: false` leaves mounting to those whose role may.
   */
  readonly fileSystem: IFileSystem;

  /**
   * Where the handler finds it, such as `/mnt/models`: a folder in which the image has nothing of its own.
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
   * Whether the handler may only read. The container's mount is read-only then, and the role gets no right to write; the
   * file system's policy, or the lack of one, may give it to everybody.
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
  /** What the task's role must be allowed. */
  readonly permission: PolicyStatementProps;
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
  public abstract _bind(check: Check): ServingVolumeBinding;
}

class EfsVolume extends ServingVolume {
  constructor(private readonly options: EfsVolumeOptions) {
    super();
  }

  public _bind(check: Check): ServingVolumeBinding {
    const { fileSystem, path, accessPoint, readOnly = true } = this.options;
    if (accessPoint) checkAccessPoint(check, accessPoint, fileSystem);
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
      permission: this.permission(readOnly),
    };
  }

  /** The role's alone: a grant of the CDK would change the file system's policy, for everybody who mounts it. */
  private permission(readOnly: boolean): PolicyStatementProps {
    const { fileSystem, accessPoint } = this.options;
    return {
      actions: ['elasticfilesystem:ClientMount', ...(readOnly ? [] : ['elasticfilesystem:ClientWrite'])],
      resources: [fileSystem.fileSystemArn],
      conditions: {
        Bool: { 'elasticfilesystem:AccessedViaMountTarget': 'true' },
        ...(accessPoint && { StringEquals: { 'elasticfilesystem:AccessPointArn': accessPoint.accessPointArn } }),
      },
    };
  }
}

function checkAccessPoint(check: Check, accessPoint: IAccessPoint, fileSystem: IFileSystem): void {
  const owner = ownerOf(accessPoint);
  check.that(
    owner === undefined || !areDifferent(owner, fileSystem),
    `accessPoint ${accessPoint.node.path} of a volume is one of the file system ${owner?.node.path}, and fileSystem is ${fileSystem.node.path}: give two that belong together`,
  );
}

/** Undefined for one that was imported without it, which throws when it is asked. */
function ownerOf(accessPoint: IAccessPoint): IFileSystem | undefined {
  try {
    return accessPoint.fileSystem;
  } catch {
    return undefined;
  }
}

/** Two of this app, or two known ids. An import may be of one that this app defines. */
function areDifferent(one: IFileSystem, other: IFileSystem): boolean {
  if ([one, other].every((each) => Resource.isOwnedResource(each))) return one !== other;
  const ids = [one, other].map(({ fileSystemId }) => fileSystemId);
  return ids.every(isKnown) && ids[0] !== ids[1];
}
