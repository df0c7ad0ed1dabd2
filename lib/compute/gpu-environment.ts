/** What a container with GPUs is told, the same on every kind of compute that has some. */

/** Computation, and what tells how busy a GPU is. An image without CUDA says neither. */
export const GPU_ENVIRONMENT = { NVIDIA_DRIVER_CAPABILITIES: 'compute,utility' };
