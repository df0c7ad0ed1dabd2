/** A replica that answers everything with what is no JSON; it ends with the test. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export async function picture(): Promise<{ url: string }> {
  const server = createServer((_, response) => response.writeHead(200, { 'content-type': 'image/png' }).end('PNG'));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => {
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}
