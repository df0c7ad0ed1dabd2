/**
 * Where replicas run. A compute is a description; the API that it is given to turns it into a task definition and a
 * capacity provider strategy. It does not say how many replicas run: `Scaling` does.
 */
import { Size } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { type CapacityProviderStrategy, CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import type { Construct } from 'constructs';
import { Check } from './private/check';
import { checkFargateCapacity, fargateCapacity, SPOT } from './private/fargate-capacity';
import { checkFargateSize } from './private/fargate-size';

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

/**
 * What an API needs to know of the place where it runs.
 *
 * @internal
 */
export interface ComputeBinding {
  /** What the image is built for. */
  readonly platform: Platform;
  readonly architecture: CpuArchitecture;
  readonly cpu: number;
  readonly memory: Size;
  readonly ephemeralStorage?: Size;
  readonly capacityProviderStrategies: CapacityProviderStrategy[];
  /** Whether there is room for new replicas while the old ones still run. */
  readonly hasSpareCapacity: boolean;
  /** Longest time from SIGTERM to SIGKILL, in seconds. */
  readonly stopTimeoutLimit: number;
  /** Whether a replica may be taken away at any time. */
  readonly interruptible: boolean;
}

/** Where replicas run. */
export abstract class Compute {
  /**
   * AWS Fargate: no machines to look after.
   *
   * @param options how much of it, and of which kind
   */
  public static fargate(options: FargateOptions = {}): Compute {
    return new FargateCompute(options);
  }

  /** @internal */
  public abstract _bind(scope: Construct): ComputeBinding;
}

/** Fargate kills a container that takes longer to stop. */
const FARGATE_STOP_TIMEOUT_LIMIT = 120;

class FargateCompute extends Compute {
  constructor(private readonly options: FargateOptions) {
    super();
  }

  public _bind(scope: Construct): ComputeBinding {
    const { cpu = 1024, architecture = CpuArchitecture.X86_64, ephemeralStorage } = this.options;
    const check = new Check(scope);
    checkFargateSize(check, { ...this.options, cpu });
    checkFargateCapacity(check, this.options);
    check.done();
    const memory = this.options.memory ?? Size.mebibytes(cpu * 2);
    const capacityProviderStrategies = fargateCapacity(this.options);
    return {
      platform: architecture === CpuArchitecture.ARM64 ? Platform.LINUX_ARM64 : Platform.LINUX_AMD64,
      architecture,
      cpu,
      memory,
      ephemeralStorage,
      capacityProviderStrategies,
      hasSpareCapacity: true,
      stopTimeoutLimit: FARGATE_STOP_TIMEOUT_LIMIT,
      interruptible: capacityProviderStrategies.some(({ capacityProvider }) => capacityProvider === SPOT),
    };
  }
}
