/**
 * What goes wrong on the way to the collector, told in the log once a minute at most: a collector that is away must not
 * fill the log, nor stay unnoticed.
 */
import { DiagLogLevel, diag } from '@opentelemetry/api';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { Log } from '../log';

const EVERY_MS = 60_000;

export class Complaints {
  #toldAt = Number.NEGATIVE_INFINITY;
  #untold = 0;

  /** Hears OpenTelemetry's own warnings, too: spans that its full queue dropped, variables that it cannot read. */
  constructor(private readonly log: Log) {
    const ignore = () => {};
    // Its errors are those of the exporter, which are told with their number of spans.
    const logger = { error: ignore, warn: (message: string) => this.tell(message), info: ignore, debug: ignore };
    diag.setLogger({ ...logger, verbose: ignore }, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  }

  /** The same exporter, whose failures are told. */
  over(exporter: SpanExporter): SpanExporter {
    return {
      export: (spans, done) =>
        exporter.export(spans, (result) => {
          if (result.error !== undefined) this.tell(`${spans.length} spans could not be sent: ${said(result.error)}`);
          done(result);
        }),
      shutdown: () => exporter.shutdown(),
      forceFlush: async () => exporter.forceFlush?.(),
    };
  }

  tell(message: string): void {
    if (performance.now() - this.#toldAt < EVERY_MS) {
      this.#untold += 1;
      return;
    }
    this.#toldAt = performance.now();
    this.log.event('warning', 'tracing', message, { untold: this.#untold || undefined });
    this.#untold = 0;
  }
}

/** A connection that was refused on every address has a code and no words of its own. */
function said(error: Error): string {
  const { message, code } = error as NodeJS.ErrnoException;
  return [message, code].filter(Boolean).join(', ') || error.name;
}
