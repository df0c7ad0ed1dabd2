/** What a container with GPUs gets, the same on every kind of compute that has some. */
import type { ComputeBinding } from './binding';

/** Computation, and what tells how busy a GPU is. An image without CUDA says neither. */
export const GPU_ENVIRONMENT = { NVIDIA_DRIVER_CAPABILITIES: 'compute,utility' };

/** ECS tells the container which of the instance's GPUs are its own. */
export function gpuContainer(gpus: number): ComputeBinding['container'] {
  return gpus > 0 ? { gpuCount: gpus, environment: GPU_ENVIRONMENT } : {};
}
