/** The request line and the headers of one request, as they came. */

/** Of several of these the first counts, as node:http has it; of others all, joined. */
const SINGLE: ReadonlySet<string> = new Set([
  'age',
  'authorization',
  'content-length',
  'content-type',
  'etag',
  'expires',
  'from',
  'host',
  'if-modified-since',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'retry-after',
  'server',
  'set-cookie',
  'user-agent',
]);

const SPACE = 0x20;
const TAB = 0x09;

export class RequestHead {
  method = '';
  target = '';
  httpVersion = '';
  /** Whether the connection may carry another request behind this one. */
  keepsAlive = false;
  /** Names and values take turns. */
  readonly rawHeaders: string[] = [];

  /** By its name in lower case. A request has few headers and each is asked for once: looking is cheaper than a map. */
  header(name: string): string | undefined {
    const { rawHeaders } = this;
    let found: string | undefined;
    for (let at = 0; at < rawHeaders.length; at += 2) {
      const candidate = rawHeaders[at] as string;
      if (candidate.length !== name.length || candidate.toLowerCase() !== name) continue;
      const value = trimmed(rawHeaders[at + 1] as string);
      if (SINGLE.has(name)) return value;
      found = found === undefined ? value : `${found}${name === 'cookie' ? '; ' : ', '}${value}`;
    }
    return found;
  }

  /** RFC 9110, 10.1.1. HTTP/1.0 cannot ask. */
  get expectsContinue(): boolean {
    if (this.httpVersion !== '1.1') return false;
    const expectation = this.header('expect');
    return expectation !== undefined && /(?:^|\W)100-continue(?:$|\W)/i.test(expectation);
  }
}

/** The parser leaves out what stands before a value, and not what stands behind it. */
function trimmed(value: string): string {
  let end = value.length;
  while (end > 0 && (value.charCodeAt(end - 1) === SPACE || value.charCodeAt(end - 1) === TAB)) end -= 1;
  return end === value.length ? value : value.slice(0, end);
}
