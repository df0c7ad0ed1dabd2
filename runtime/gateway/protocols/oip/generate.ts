/**
 * Triton's generate extension: the arguments as a plain JSON object, and the result as one, or as an event for each item of
 * a stream. It is for text, where tensors are a detour.
 */
import { type Answer, type StreamedBody, UNBUFFERED } from '../../answer';
import type { OutputStream } from '../../output-stream';
import type { ModelIdentity } from './response';
import { ONLY_OUTPUT } from './signature';

/** A record's fields stand beside the model's name; any other result has a name of its own. */
export function generated({ name, version }: ModelIdentity, result: string): string {
  const model = `"model_name":${JSON.stringify(name)}`;
  const versioned = version === undefined ? model : `${model},"model_version":${JSON.stringify(version)}`;
  const members = result.startsWith('{') ? result.slice(1, -1).trim() : `"${ONLY_OUTPUT}":${result}`;
  return members === '' ? `{${versioned}}` : `{${versioned},${members}}`;
}

const EVENTS = { status: 200, contentType: 'text/event-stream', headers: UNBUFFERED };

/** A handler that does not stream has one event. */
export const oneEvent = (model: ModelIdentity, result: string): Answer => ({
  ...EVENTS,
  body: `data: ${generated(model, result)}\n\n`,
});

export function events(model: ModelIdentity, stream: OutputStream): Answer {
  const event = (item: string) => `data: ${generated(model, item)}\n\n`;
  const body: StreamedBody = {
    pipe: (sink) =>
      stream.read({
        piece: (piece, taken) => sink.write(itemsOf(piece, stream.isBytes).map(event).join(''), taken),
        end: (error) => {
          if (error !== undefined) sink.write(`data: ${JSON.stringify({ error: error.message })}\n\n`, () => {});
          sink.end(error);
        },
      }),
  };
  return { ...EVENTS, body };
}

/** Texts of JSON; of bytes, which an event cannot hold, their Base64. */
const itemsOf = (piece: Buffer, isBytes: boolean): string[] =>
  isBytes ? [`"${piece.toString('base64')}"`] : piece.toString().split('\n').slice(0, -1);
