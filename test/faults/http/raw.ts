/**
 * Raw connections to a real gateway: bytes go out as they are, and what comes back is told apart into answers, so that a
 * test can say in one line what a hostile request is answered with.
 */
import { connect, type Socket } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import type { Serving } from '../../runtime/serve';

export const HEAD = 'POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n';

/** A request for `echo` that is answered with the value. */
export const post = (value: unknown, headers = '') => {
  const body = JSON.stringify({ value });
  return `${HEAD}${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
};

/** The value of the request that `verdict` sends behind. */
const LAST = post('behind', 'Connection: close\r\n');

export interface Heard {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export class Dialed {
  /** All that has come. */
  text = '';
  /** Resolves when the connection is over, however it ended. */
  readonly closed: Promise<void>;
  readonly #watchers = new Set<() => void>();
  #isOver = false;

  constructor(readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('data', (chunk) => {
      this.text += chunk.toString('latin1');
      this.#tell();
    });
    // A gateway that hangs up on a hostile client may reset it; what counts is what it said before.
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.on('close', () => {
        this.#isOver = true;
        this.#tell();
        resolve();
      });
    });
  }

  send(bytes: string | Buffer): this {
    this.socket.write(bytes as string, 'latin1');
    return this;
  }

  /** Resolves to everything when the gateway has closed the connection. */
  async end(): Promise<Heard[]> {
    await this.closed;
    return this.answers;
  }

  /** Resolves when what came matches, or nothing more can come. */
  async until(pattern: RegExp): Promise<string> {
    await new Promise<void>((resolve) => {
      const look = () => {
        if (!pattern.test(this.text) && !this.#isOver) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
    return this.text;
  }

  /** Final answers: what an interim one (1xx) says is left out. */
  get answers(): Heard[] {
    return parse(this.text).filter(({ status }) => status >= 200);
  }

  #tell(): void {
    for (const look of this.#watchers) look();
  }
}

export function dial(api: Serving): Dialed {
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  return new Dialed(socket);
}

/** What bytes are answered with: status, and code or value, of each answer on their connection until it is closed. */
export async function verdict(api: Serving, bytes: string | Buffer): Promise<string> {
  const dialed = dial(api).send(bytes);
  await Promise.race([dialed.closed, dialed.until(/\r\n\r\n[\s\S]*[}\d]$/)]);
  // If the connection goes on, this request behind the bytes is answered, and not mixed up with them.
  dialed.send(LAST);
  const answers = await dialed.end();
  const told = answers.map(({ status, body }) => `${status} ${codeOf(body)}`);
  return told.join(', ');
}

function codeOf(body: string): string {
  try {
    const value = JSON.parse(body);
    return value.code ?? JSON.stringify(value);
  } catch {
    return body;
  }
}

/** Whoever was hostile, the next caller is served, by the same process. */
export async function expectUnharmed(api: Serving): Promise<void> {
  expect(await api.post({ value: 'still here' })).toMatchObject({ status: 200, json: 'still here' });
  expect(api.gateway.exitCode).toBeNull();
  expect(api.events('worker_lost')).toEqual([]);
}

function parse(text: string): Heard[] {
  const answers: Heard[] = [];
  let rest = text;
  while (rest !== '') {
    const end = rest.indexOf('\r\n\r\n');
    if (end === -1) break;
    const [statusLine = '', ...lines] = rest.slice(0, end).split('\r\n');
    const headers = new Map(lines.map((line) => [line.split(':', 1)[0]?.toLowerCase() ?? '', afterColon(line)]));
    const status = Number(statusLine.split(' ')[1]);
    const length = Number(headers.get('content-length') ?? 0);
    answers.push({ status, headers, body: rest.slice(end + 4, end + 4 + length) });
    rest = rest.slice(end + 4 + length);
  }
  return answers;
}

const afterColon = (line: string) => line.slice(line.indexOf(':') + 1).trim();
