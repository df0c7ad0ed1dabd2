/** What replicas on Fargate cost: an amount for each vCPU and each GB, and for disk beyond what is free. */
import type { ReplicaSize } from './model-apis';
import type { Prices } from './prices';
import { type Share, spread } from './providers';
import { HOURS_A_MONTH } from './situations';

/** GiB of disk that every task has. */
const FREE_DISK = 20;

export function fargateMonth(replicas: number, shares: readonly Share[], size: ReplicaSize, prices: Prices): number {
  const compute =
    size.vcpus * prices.fargate(size.architecture, 'vcpu') + size.memoryGiB * prices.fargate(size.architecture, 'gb');
  const disk = size.diskGiB ? (size.diskGiB - FREE_DISK) * prices.fargateExtra('diskGb') : 0;
  const counts = spread(replicas, shares);
  const hour = shares.reduce((total, { provider }, index) => {
    if (typeof provider !== 'string') return total;
    // Spot takes off CPU and memory; disk costs the same.
    const share = provider === 'FARGATE_SPOT' ? 1 - prices.fargateExtra('spotDiscount') : 1;
    return total + (counts[index] ?? 0) * (compute * share + disk);
  }, 0);
  return hour * HOURS_A_MONTH;
}

/** `Fargate Arm, in part Spot`. */
export function fargateName(shares: readonly Share[], size: ReplicaSize): string {
  const spot = shares.some(({ provider, weight }) => provider === 'FARGATE_SPOT' && weight > 0);
  const all = shares.every(({ provider }) => provider === 'FARGATE_SPOT');
  const processors = size.architecture === 'arm' ? 'Arm' : 'x86-64';
  if (all) return `Fargate Spot ${processors}`;
  return `Fargate ${processors}${spot ? ', in part Spot' : ''}`;
}
