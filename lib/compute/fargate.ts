/** Replicas on AWS Fargate: no machines, and a list of sizes. */
import { Size } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { CpuArchitecture, FargateService, FargateTaskDefinition, OperatingSystemFamily } from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import { Check } from '../private/check';
import type { ComputeBinding } from './binding';
import { checkShares, sharesOf } from './capacity-shares';
import { checkFargateSize } from './fargate-size';

/** How much of AWS Fargate a replica gets. */
export interface FargateOptions {
  /**
   * CPU units: 1024 are one vCPU. One of 256, 512, 1024, 2048, 4096, 8192, 16384.
   *
   * @default 1024
   */
  readonly cpu?: number;

  /**
   * Memory of a replica. Which amounts go with which `cpu` is checked at synth.
   *
   * @default - 2 GiB a vCPU
   */
  readonly memory?: Size;

  /**
   * The processors' architecture. The image is built for it.
   *
   * @default CpuArchitecture.X86_64
   */
  readonly architecture?: CpuArchitecture;

  /**
   * The share of replicas, 0 to 1, that run on Fargate Spot: up to 70 % cheaper, and taken away with two minutes' notice
   * when AWS needs the capacity back, several at a time.
   *
   * Where Spot has no capacity, its share is not started at all, and not on demand instead: at 1 there may be times
   * without any replica. Keep some by `onDemandBase`. Counted in thousandths.
   *
   * @default 0
   */
  readonly spotShare?: number;

  /**
   * Replicas that never run on Spot; `spotShare` is of those beyond them.
   *
   * @default 0
   */
  readonly onDemandBase?: number;

  /**
   * Disk of a replica, for the image and everything that is written; 21 to 200 GiB.
   *
   * @default - 20 GiB, which cost nothing extra
   */
  readonly ephemeralStorage?: Size;
}

/** Fargate kills a container that takes longer to stop. */
const STOP_TIMEOUT_LIMIT = 120;

export function bindFargate(scope: Construct, options: FargateOptions): ComputeBinding {
  const { cpu = 1024, architecture = CpuArchitecture.X86_64, ephemeralStorage } = options;
  const check = new Check(scope);
  checkFargateSize(check, { ...options, cpu });
  checkShares(check, options);
  check.done();
  const memory = options.memory ?? Size.mebibytes(cpu * 2);
  const shares = sharesOf(options);
  return {
    platform: architecture === CpuArchitecture.ARM64 ? Platform.LINUX_ARM64 : Platform.LINUX_AMD64,
    architecture,
    cpu,
    memory,
    gpus: 0,
    hasSpareCapacity: true,
    stopTimeoutLimit: STOP_TIMEOUT_LIMIT,
    interruptible: shares.some(({ spot }) => spot),
    container: {},
    linux: {},
    defineTask: (parent, id, props) =>
      new FargateTaskDefinition(parent, id, {
        ...props,
        cpu,
        memoryLimitMiB: memory.toMebibytes(),
        ephemeralStorageGiB: ephemeralStorage?.toGibibytes(),
        runtimePlatform: { cpuArchitecture: architecture, operatingSystemFamily: OperatingSystemFamily.LINUX },
      }),
    defineService: (parent, id, parts, platform) => {
      platform._useFargate();
      return new FargateService(parent, id, {
        ...parts,
        capacityProviderStrategies: shares.map(({ spot, ...share }) => ({
          capacityProvider: spot ? 'FARGATE_SPOT' : 'FARGATE',
          ...share,
        })),
        assignPublicIp: false,
      });
    },
  };
}
