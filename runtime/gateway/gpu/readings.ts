/**
 * What is known of this replica's GPUs: the last reading of each, for whoever scrapes, and what a window comes to, for
 * CloudWatch. Where nothing is read there is nothing, and no zero: a replica without a GPU has no metrics of one.
 */
import { type Sample, sample } from '../exposition';

/** One GPU at one time. What its driver does not say is left out. */
export interface GpuReading {
  /** Its number among those that this replica sees. */
  readonly gpu: string;
  /** 0 to 1: the share of the last second, or less, in which it computed. */
  readonly utilization?: number;
  /** Bytes, whoever uses them. */
  readonly memoryUsed?: number;
}

export interface GpuWindow {
  /** Percent: the mean over GPUs and readings. */
  readonly gpuUtilization?: number;
  /** Bytes: the sum over GPUs, at the window's end. */
  readonly gpuMemoryUsed?: number;
}

export class GpuReadings {
  #last: readonly GpuReading[] = [];
  /** Of every GPU in every reading of this window. */
  #utilizations: number[] = [];

  take(readings: readonly GpuReading[]): void {
    this.#last = readings;
    this.#utilizations.push(...readings.flatMap(({ utilization = [] }) => utilization));
  }

  /** Nobody reads any more, and what was known is old. */
  forget(): void {
    this.#last = [];
  }

  /** For Prometheus. */
  samples(field: 'utilization' | 'memoryUsed'): Sample[] {
    return this.#last.flatMap(({ gpu, [field]: value }) => (value === undefined ? [] : sample('', { gpu }, value)));
  }

  takeWindow(): GpuWindow {
    const utilizations = this.#utilizations;
    this.#utilizations = [];
    const used = this.#last.flatMap(({ memoryUsed = [] }) => memoryUsed);
    return {
      gpuUtilization: utilizations.length === 0 ? undefined : (100 * sum(utilizations)) / utilizations.length,
      gpuMemoryUsed: used.length === 0 ? undefined : sum(used),
    };
  }
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
