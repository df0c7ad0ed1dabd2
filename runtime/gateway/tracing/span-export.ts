/** What OpenTelemetry's code is to the gateway, and what it is told: apart from both, so that neither loads the other. */
import type { SpanRecord } from './spans';

export interface SpanExport {
  add(spans: readonly SpanRecord[]): void;
  /** Sends what there is, and takes no more. */
  close(): Promise<void>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Service {
  readonly name: string;
  readonly version?: string;
}
