/** What handlers count and measure themselves. */
export class HandlerMetrics {
  add(_metrics: unknown): void {}
}
