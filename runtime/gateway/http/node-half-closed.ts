/**
 * A peer that ended its side of the connection: most have gone, some only have nothing more to send and wait for their
 * answer. The bytes look the same, so the gateway asks: it sends an interim answer (RFC 9110, 15.2), which every client
 * of HTTP/1.1 skips, and which the system of one that has gone answers with a reset.
 */
import type { ServerResponse } from 'node:http';
import type { Deadlines } from '../deadline';

/** The reset of the first is seen only by writing a second, and must have had time to come. */
const FIRST_PAUSE_MS = 20;

const LONGEST_PAUSE_MS = 1_000;

/** Closes the connection when nobody is there; an answer that is whole, or a peer that listens, goes its way. */
export function askIfThere(response: ServerResponse, deadlines: Deadlines, pauseMs = FIRST_PAUSE_MS): void {
  if (response.destroyed || response.writableEnded) return;
  // The rest of the request will not come; of one that wished for another protocol Node's parser does not say so.
  if (!response.req.complete) return void response.req.socket.destroy();
  // Nothing can be asked in the middle of a stream, and those that go by far outnumber those that half-close.
  if (response.headersSent) return void response.req.socket.destroy();
  // HTTP/1.0 knows no interim answers. One that waits behind another of its connection has no socket yet.
  if (response.req.httpVersion === '1.1' && response.socket !== null) response.writeProcessing();
  deadlines.after(pauseMs, () => askIfThere(response, deadlines, Math.min(2 * pauseMs, LONGEST_PAUSE_MS)));
}
