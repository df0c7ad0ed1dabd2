/**
 * What llhttp lets through and RFC 9112 does not, or what two readers could read differently: such a request is
 * refused and its connection closed, so that nobody behind a proxy gets an answer to bytes that somebody else sent.
 */
import { Errors, type ServingError, shown } from './errors';

/** Browsers and proxies send some thirty. */
const MOST_HEADERS = 100;

/** Undefined of a request that is well-formed. */
export function malformation(
  httpVersion: string,
  /** Names and values take turns. */
  rawHeaders: readonly string[],
  coding: string | undefined,
): ServingError | undefined {
  if (httpVersion !== '1.1' && httpVersion !== '1.0')
    return Errors.badRequest(`HTTP/${httpVersion} is not spoken here; send HTTP/1.1.`);
  // RFC 9112, 6.1: an old proxy in between would not know where the body ends.
  if (coding !== undefined && httpVersion === '1.0') return Errors.badRequest('HTTP/1.0 has no Transfer-Encoding.');
  // An empty one beside a length is two lengths to a reader that counts names; of other codings nothing is undone.
  if (coding !== undefined && coding.toLowerCase() !== 'chunked')
    return Errors.badRequest(`Transfer-Encoding '${shown(coding)}' is not supported, only chunked.`);
  if (rawHeaders.length > 2 * MOST_HEADERS) return Errors.tooManyHeaders(MOST_HEADERS);
  return hasTwoHosts(rawHeaders) ? Errors.badRequest('There are several Host headers.') : undefined;
}

/** Node keeps the first Host and forgets the others. */
function hasTwoHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] as string;
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts > 1;
}
