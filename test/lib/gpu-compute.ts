/** A compute whose replicas have GPUs, of which kind ever: what follows from that alone is the subject. */
import { Compute } from 'cdk-model-api';
import type { Construct } from 'constructs';
import type { ComputeBinding } from '../../lib/compute/binding';

export class GpuCompute extends Compute {
  override _bind(scope: Construct): ComputeBinding {
    return { ...Compute.fargate()._bind(scope), gpus: 1 };
  }
}
