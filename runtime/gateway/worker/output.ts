/**
 * What a worker process writes to its own stdout and stderr past Python, as lines: C libraries, the interpreter's last
 * words. A line without an end is cut, so that no process can grow the gateway.
 */
import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

const LONGEST_LINE = 16 * 1024;

export function onLines(stream: Readable, line: (text: string) => void): void {
  const decoder = new StringDecoder('utf8');
  let unfinished = '';
  stream.on('data', (chunk: Buffer) => {
    const lines = (unfinished + decoder.write(chunk)).split('\n');
    unfinished = lines.pop() as string;
    for (const text of lines) if (text !== '') line(text);
    if (unfinished.length > LONGEST_LINE) {
      line(unfinished);
      unfinished = '';
    }
  });
  stream.on('end', () => {
    if (unfinished !== '') line(unfinished);
  });
}
