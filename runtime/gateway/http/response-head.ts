/** Status line and headers of an answer as text, one byte a character. */
import { STATUS_CODES, validateHeaderValue } from 'node:http';
import { type Headers, joinHeaders } from '../vary';

const statusLines = new Map<number, string>();

function statusLine(status: number): string {
  let line = statusLines.get(status);
  if (line === undefined) {
    line = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'Unknown'}\r\n`;
    statusLines.set(status, line);
  }
  return line;
}

/** What answers say of themselves, line by line. */
export class ResponseHead {
  #text: string;

  constructor(status: number) {
    this.#text = statusLine(status);
  }

  add(name: string, value: string | number): void {
    this.#text += `${name}: ${value}\r\n`;
  }

  /** What is in them may come from anywhere. */
  addAll(more: Headers | undefined, most: Headers | undefined): void {
    const headers = joinHeaders(more, most);
    for (const name in headers) {
      const value = headers[name] as string;
      validateHeaderValue(name, value);
      this.add(name, value);
    }
  }

  /** With the date, and what becomes of the connection. */
  finished(connection: string): string {
    return `${this.#text}Date: ${httpDate()}\r\n${connection}\r\n`;
  }
}

let second = 0;
let date = '';

/** It changes once a second. */
function httpDate(): string {
  const now = Date.now();
  const current = Math.floor(now / 1_000);
  if (current !== second) {
    second = current;
    date = new Date(now).toUTCString();
  }
  return date;
}
