/**
 * The one interface between a kind of GPU and the rest of the gateway: something that reads, and may end, crash or fall
 * silent at any time. Who reads which library is behind it.
 */
import type { GpuReading } from './readings';

export interface GpuEvents {
  read(readings: readonly GpuReading[]): void;
  /** What a person should know of it, in words. */
  said(text: string): void;
  /** Called once, when nothing is left of it. `how` continues "The reader …"; `isFinal`: another try would end alike. */
  ended(how: string, isFinal: boolean): void;
}

export interface GpuReader {
  /** At once. Of one that even the kernel cannot end, `ended` is never heard. */
  kill(): void;
}

export type StartGpuReader = (events: GpuEvents) => GpuReader;
