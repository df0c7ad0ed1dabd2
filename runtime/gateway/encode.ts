/**
 * Turns a worker's output into the caller's answer. A result is JSON, which the worker has written already. What a
 * generator yields becomes server-sent events, lines of JSON, one JSON array or raw bytes, as `Accept` and the items have
 * it; the worker's form is lines of JSON, from which each other is made without reading them.
 *
 *     worker      "a"\n"b"\n
 *     SSE         data: "a"\n\ndata: "b"\n\n  …  event: end\ndata: {}\n\n
 *     NDJSON      "a"\n"b"\n
 *     JSON        ["a","b"]
 */
import { type Answer, type BodySink, type StreamedBody, UNBUFFERED } from './answer';
import { Errors, type ServingError } from './errors';
import { collect, type OutputStream } from './output-stream';
import type { Output } from './prediction';
import { problemDocument } from './problem';

/** An array has to be whole before its first byte is sent, or a failure could not be told. */
const LARGEST_ARRAY_BYTES = 64 * 1024 * 1024;

/** How a stream of JSON is written. */
interface StreamForm {
  readonly contentType: string;
  piece(lines: Buffer): Buffer | string;
  end(): string;
  failure(problem: string): string;
}

const latin1 = (bytes: Buffer) => bytes.toString('latin1', 0, bytes.length - 1);

/** The HTML standard's event stream. Items are unnamed events, so that any reader finds them. */
const SSE: StreamForm = {
  contentType: 'text/event-stream',
  // Bytes in, bytes out: latin1 leaves UTF-8 as it is.
  piece: (lines) => Buffer.from(`data: ${latin1(lines).replaceAll('\n', '\n\ndata: ')}\n\n`, 'latin1'),
  end: () => 'event: end\ndata: {}\n\n',
  failure: (problem) => `event: error\ndata: ${problem}\n\n`,
};

const NDJSON: StreamForm = {
  contentType: 'application/x-ndjson',
  piece: (lines) => lines,
  end: () => '',
  failure: (problem) => `{"error":${problem}}\n`,
};

export async function encode(output: Output, accept: string | undefined, requestId: string): Promise<Answer> {
  if (output.kind !== 'stream') return { status: 200, contentType: 'application/json', body: output.body };
  const { stream } = output;
  if (stream.isBytes) return streamed('application/octet-stream', rawBody(stream));
  const form = formFor(accept);
  return form === undefined ? arrayOf(stream) : streamed(form.contentType, formattedBody(stream, form, requestId));
}

const streamed = (contentType: string, body: StreamedBody): Answer => ({
  status: 200,
  contentType,
  headers: UNBUFFERED,
  body,
});

/** Undefined: whoever accepts JSON alone wants one document. Who says nothing gets events, which anything can read. */
function formFor(accept = '*/*'): StreamForm | undefined {
  if (/text\/event-stream/i.test(accept)) return SSE;
  if (/application\/(x-ndjson|jsonl|x-jsonlines)/i.test(accept)) return NDJSON;
  return /\*\/\*|text\/\*/.test(accept) || !/application\/(json|\*)/i.test(accept) ? SSE : undefined;
}

async function arrayOf(stream: OutputStream): Promise<Answer> {
  const lines = await collect(stream, LARGEST_ARRAY_BYTES, () =>
    Errors.resultTooLarge(`The stream is larger than ${LARGEST_ARRAY_BYTES} bytes; accept text/event-stream.`),
  );
  const items = lines.length === 0 ? '' : latin1(lines).replaceAll('\n', ',');
  return { status: 200, contentType: 'application/json', body: Buffer.from(`[${items}]`, 'latin1') };
}

function formattedBody(stream: OutputStream, form: StreamForm, requestId: string): StreamedBody {
  const end = (sink: BodySink, error?: ServingError) => {
    const last = error === undefined ? form.end() : form.failure(problemDocument(error, requestId));
    if (last !== '') sink.write(last, () => {});
    sink.end(error);
  };
  return {
    pipe: (sink) =>
      stream.read({
        piece: (lines, taken) => sink.write(form.piece(lines), taken),
        end: (error) => end(sink, error),
      }),
  };
}

/** Bytes can carry no word of a failure: the body ends without its end. */
const rawBody = (stream: OutputStream): StreamedBody => ({
  pipe: (sink) =>
    stream.read({
      piece: (bytes, taken) => sink.write(bytes, taken),
      end: (error) => sink.end(error, error !== undefined),
    }),
});
