/**
 * A handler's output as the answer of a text API. Both sides choose freely whether they stream: what a generator yields
 * is joined for whoever wants one document, and what was returned at once is a stream of one chunk.
 */
import { type Answer, type BodySink, json, type StreamedBody, UNBUFFERED } from '../../answer';
import type { ServingError } from '../../errors';
import { collect, type OutputStream } from '../../output-stream';
import type { Output } from '../../prediction';
import { asServingError } from '../../problem';
import { Chunks, type Head } from './chunks';
import { joined, type Piece, readPiece } from './piece';
import { refusedByHandler, unusableResult } from './problem';
import { finishReasonOf, type TextApi } from './text-api';

/** A document has to be whole before its first byte is sent. */
const LARGEST_DOCUMENT_BYTES = 64 * 1024 * 1024;

export interface Wanted {
  readonly isStreamed: boolean;
  readonly wantsUsage: boolean;
}

/** `abandon` stops a generator of which nobody reads the rest. */
export async function textAnswer(
  api: TextApi,
  head: Head,
  output: Output,
  { isStreamed, wantsUsage }: Wanted,
  abandon: () => void,
): Promise<Answer> {
  if (output.kind === 'stream' && output.stream.isBytes) {
    abandon();
    throw unusableResult('The handler yields bytes; a text API is made of strings.');
  }
  if (!isStreamed) return documentOf(api, head, await wholePiece(api, output, abandon));
  const chunks = new Chunks(api, head, wantsUsage);
  if (output.kind === 'stream') return eventStream(chunkedBody(chunks, output.stream, abandon));
  return eventStream(chunks.opening() + chunks.item(output.body.toString('utf8')) + chunks.closing());
}

async function wholePiece({ textName }: TextApi, output: Output, abandon: () => void): Promise<Piece> {
  if (output.kind !== 'stream') return readPiece(JSON.parse(output.body.toString('utf8')), textName);
  try {
    const tooLarge = () => unusableResult(`The stream is larger than ${LARGEST_DOCUMENT_BYTES} bytes; ask for stream.`);
    const lines = await collect(output.stream, LARGEST_DOCUMENT_BYTES, tooLarge);
    return joined(linesOf(lines).map((line) => readPiece(JSON.parse(line), textName)));
  } catch (error) {
    abandon();
    throw error;
  }
}

function documentOf({ object, whole }: TextApi, { id, created, model }: Head, piece: Piece): Answer {
  const choice = { index: 0, ...whole(piece), logprobs: null, finish_reason: finishReasonOf(piece) };
  return json(200, { id, object, created, model, choices: [choice], usage: piece.usage });
}

const eventStream = (body: string | StreamedBody): Answer => ({
  status: 200,
  contentType: 'text/event-stream',
  headers: UNBUFFERED,
  body,
});

function chunkedBody(chunks: Chunks, stream: OutputStream, abandon: () => void): StreamedBody {
  return { pipe: (sink) => stream.read(new ChunkReader(chunks, sink, abandon)) };
}

/** Passes each piece on as it comes; the first one takes the opening with it. */
class ChunkReader {
  #hasOpened = false;
  #hasEnded = false;

  constructor(
    private readonly chunks: Chunks,
    private readonly sink: BodySink,
    private readonly abandon: () => void,
  ) {}

  piece(lines: Buffer, taken: () => void): void {
    if (this.#hasEnded) return;
    let events = this.#opening();
    try {
      for (const line of linesOf(lines)) events += this.chunks.item(line);
    } catch (thrown) {
      this.sink.write(events, () => {});
      this.end(asServingError(thrown));
      this.abandon();
      return;
    }
    this.sink.write(events, taken);
  }

  end(error?: ServingError): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    const told = error && asServingError(refusedByHandler(error));
    const last = told === undefined ? this.chunks.closing() : this.chunks.failure(told);
    this.sink.write(this.#opening() + last, () => {});
    this.sink.end(told);
  }

  #opening(): string {
    if (this.#hasOpened) return '';
    this.#hasOpened = true;
    return this.chunks.opening();
  }
}

/** Each line has its end. */
const linesOf = (lines: Buffer) => (lines.length === 0 ? [] : lines.toString('utf8', 0, lines.length - 1).split('\n'));
