/** What a container with GPUs gets, the same on every kind of compute that has some. */
import type { ComputeBinding } from './binding';

/** What the container toolkit of NVIDIA shows to a container: CUDA, and NVML for the metrics of the GPU. */
const ENVIRONMENT = { NVIDIA_DRIVER_CAPABILITIES: 'compute,utility' };

/** ECS tells the container which of the instance's GPUs are its own. */
export function gpuContainer(gpus: number): ComputeBinding['container'] {
  return gpus > 0 ? { gpuCount: gpus, environment: ENVIRONMENT } : {};
}
