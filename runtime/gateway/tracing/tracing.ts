/**
 * Sends spans to where the standard variables of OpenTelemetry say, if they do. Its code is larger than the gateway and is
 * loaded only then, beside the handler. No request waits for it: what comes before it is loaded is kept, up to a bound.
 */
import type { Answer } from '../answer';
import type { Call } from '../call';
import type { Log } from '../log';
import { FOLLOW_PARENT, type Sampler } from '../trace';
import { samplerOf } from './sampler';
import type { Environment, Service, SpanExport } from './span-export';
import { type SpanRecord, spansOf } from './spans';

/** While the code is loading; afterwards the bound is OTEL_BSP_MAX_QUEUE_SIZE. */
const MOST_EARLY_SPANS = 2_048;

export class Tracing {
  /** Whether a trace is recorded. */
  sampler: Sampler = FOLLOW_PARENT;
  #export?: SpanExport;
  #loading?: Promise<void>;
  #early: SpanRecord[] = [];

  /** Does nothing without the variables. */
  constructor(
    env: Environment,
    private readonly service: Service,
    private readonly log: Log,
  ) {
    const warn = (message: string) => log.event('warning', 'tracing', message);
    if (!isConfigured(env, warn)) return;
    this.sampler = samplerOf(env, warn);
    this.#loading = this.#load(env);
  }

  /** After the answer has been written. Probes are no part of any trace. */
  answered(call: Call, answer: Answer): void {
    if (this.#loading === undefined || call.isProbe || !call.trace.sampled) return;
    const spans = spansOf(call, answer);
    if (this.#export !== undefined) this.#export.add(spans);
    else if (this.#early.length < MOST_EARLY_SPANS) this.#early.push(...spans);
  }

  /** Sends what there is; whoever receives it may be slow or gone, so for `atMostMs`. */
  async close(atMostMs: number): Promise<void> {
    if (this.#loading === undefined) return;
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, atMostMs);
    });
    await Promise.race([this.#close(), late]);
    clearTimeout(timer);
  }

  async #load(env: Environment): Promise<void> {
    try {
      const { otlpExport } = await import('./otlp');
      this.#export = otlpExport(env, this.service, this.log);
      this.#export.add(this.#early);
    } catch (error) {
      this.log.event('error', 'tracing', `Spans are not sent: ${(error as Error).message}`);
      this.#loading = undefined;
    }
    this.#early = [];
  }

  async #close(): Promise<void> {
    await this.#loading;
    await this.#export?.close();
  }
}

/** As the specification has it: an empty variable is none. */
function isConfigured(env: Environment, warn: (message: string) => void): boolean {
  const isSet = (name: string) => (env[name] ?? '').trim() !== '';
  if (!isSet('OTEL_EXPORTER_OTLP_ENDPOINT') && !isSet('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT')) return false;
  if (env.OTEL_SDK_DISABLED?.trim().toLowerCase() === 'true') return false;
  const exporter = env.OTEL_TRACES_EXPORTER?.trim() || 'otlp';
  if (exporter === 'otlp') return true;
  if (exporter !== 'none')
    warn(`OTEL_TRACES_EXPORTER is ${exporter}, which this server does not have: no span is sent.`);
  return false;
}
