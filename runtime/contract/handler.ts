/**
 * What a worker says about the handler it loaded, or why it could not: read by the gateway, and by `model-api dev` from
 * the gateway's log lines. The worker's `serve.py` writes the same names.
 */

/** A schema of JSON Schema 2020-12; its `$defs` lie inside it. */
export type JsonSchema = { readonly [keyword: string]: unknown };

/** Something that works, but not as its author may expect. */
export interface HandlerWarning {
  readonly message: string;
  readonly file?: string;
  readonly line?: number;
  readonly fix?: string;
}

/** Which of OpenAI's APIs a handler says it answers. */
export type OpenAiApi = 'chat' | 'completions' | 'embeddings';

/** A loaded handler. */
export interface Handler {
  readonly name: string;
  /** As its author would write it: `predict(features: list[float]) -> Prediction`. */
  readonly signature: string;
  readonly file: string;
  readonly line: number;
  readonly async: boolean;
  /** It is a generator: its answers are streams, and `output` is the schema of one item. */
  readonly streams: boolean;
  /** It has a `predict_batch`: several requests may be one call, and `input` and `output` are those of one request. */
  readonly batch: boolean;
  /** It declares that it answers one of OpenAI's APIs. */
  readonly openai?: OpenAiApi;
  /**
   * Parameters that take arrays of floating-point numbers, with the type that each is best sent as; integers travel as
   * JSON.
   */
  readonly arrays: Readonly<Record<string, 'FP16' | 'FP32' | 'FP64'>>;
  /** Requests that one worker runs at a time; of `predict_batch` one batch is run, whatever this says. */
  readonly concurrency: number;
  /** The interpreter's version, `3.11.7`. */
  readonly python: string;
  /** From the start of the user's file until its signature was read, without what the process needed before. */
  readonly loadSeconds: number;
  readonly input: JsonSchema;
  readonly output: JsonSchema;
  readonly warnings: readonly HandlerWarning[];
}

/** Where it went wrong: loading, reading the input, in the handler, or writing its result. */
export type FailureKind = 'load' | 'input' | 'handler' | 'result';

/** One value of the input that Python refuses, and where it stands: `$.features[0]`. */
export interface InputFailure {
  readonly path: string;
  readonly message: string;
}

/** What went wrong in Python, for logs and terminals; the traceback never reaches a caller. */
export interface Failure {
  readonly kind: FailureKind;
  readonly type: string;
  readonly message: string;
  /** The user's frames. */
  readonly traceback: string;
  readonly file?: string;
  readonly line?: number;
  readonly hint?: string;
  /** The sample that it failed on while the worker warmed up: `samples/setosa.json`. */
  readonly sample?: string;
  /** Of kind `input`: each refused value, where `message` joins them all. */
  readonly errors?: readonly InputFailure[];
}
