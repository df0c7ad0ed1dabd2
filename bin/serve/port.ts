/** Says before anything is installed or loaded that a port cannot be had, who has it, and which one is free. */
import { createServer } from 'node:net';
import { usageFailure } from '../failure';
import { run } from '../run';

/** How far to look for a free port; the suggestion is a courtesy. */
const NEIGHBOURS = 20;

export async function refuseBusyPort(host: string, port: number): Promise<void> {
  const reason = await whyNot(host, port);
  if (reason === undefined) return;
  if (reason === 'EADDRINUSE') {
    const owner = await ownerOf(port);
    const free = await freeNeighbour(host, port);
    throw usageFailure('port_busy', `Port ${port} is taken${owner ? ` by ${owner}` : ''}.`, {
      hint: `Stop that, or take another: --port ${free}`,
    });
  }
  throw usageFailure('address_refused', `Cannot listen on ${host} port ${port}: ${reason}.`, {
    hint: 'Ports below 1024 need rights, and --host has to be an address of this machine.',
  });
}

/** The system's code for why the address cannot be listened on. */
function whyNot(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port }, () => server.close(() => resolve(undefined)));
  });
}

async function freeNeighbour(host: string, port: number): Promise<number> {
  for (let next = port + 1; next <= Math.min(port + NEIGHBOURS, 65_535); next++) {
    if ((await whyNot(host, next)) === undefined) return next;
  }
  return 0;
}

/** `node (process 1234)`, where lsof is installed and may tell. */
async function ownerOf(port: number): Promise<string | undefined> {
  const { stdout } = await run('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-Fpc']);
  const [, pid, command] = /^p(\d+)\nc(.+)$/m.exec(stdout) ?? [];
  return pid && `${command} (process ${pid})`;
}
