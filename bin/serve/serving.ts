/** A gateway for as long as something uses it: waits until the handler is loaded, and stops it whatever happens. */
import { SERVING_DEFAULTS } from '../../runtime/contract/manifest';
import { interruption } from '../failure';
import { given, type Interrupts } from '../interrupts';
import { startProgress } from '../ui/progress';
import type { Terminal } from '../ui/terminal';
import { GatewayProcess, type GatewaySettings, type LoadedGateway } from './gateway-process';

export async function whileServing<T>(
  settings: GatewaySettings,
  terminal: Terminal,
  interrupts: Interrupts,
  use: (gateway: GatewayProcess, loaded: LoadedGateway) => Promise<T>,
): Promise<T> {
  const gateway = new GatewayProcess(settings);
  void given(interrupts.insisted).then(() => gateway.stopNow());
  try {
    return await use(gateway, await whenLoaded(gateway, settings.model.entry, terminal, interrupts));
  } finally {
    await stopped(gateway, terminal, interrupts);
  }
}

/** Beyond what the gateway needs to close idle connections. */
const TELL_AFTER_MS = 1000;

async function stopped(gateway: GatewayProcess, terminal: Terminal, interrupts: Interrupts): Promise<void> {
  const tell = () => interrupts.asked.aborted && terminal.note(`${waitingFor(gateway)} Ctrl-C again stops at once.`);
  const timer = setTimeout(tell, TELL_AFTER_MS);
  await gateway.stop();
  clearTimeout(timer);
}

function waitingFor({ unfinished }: GatewayProcess): string {
  if (unfinished === 0) return 'Waiting for the gateway to end.';
  const requests = unfinished === 1 ? '1 request' : `${unfinished} requests`;
  return `Waiting for ${requests} to be answered, ${SERVING_DEFAULTS.requestTimeoutMs / 1000} s at most.`;
}

async function whenLoaded(
  gateway: GatewayProcess,
  entry: string,
  terminal: Terminal,
  interrupts: Interrupts,
): Promise<LoadedGateway> {
  const progress = startProgress(terminal, `Loading ${entry}`);
  try {
    const interrupted = given(interrupts.asked).then(() => Promise.reject(interruption()));
    return await Promise.race([gateway.loaded, interrupted]);
  } finally {
    progress.done();
  }
}
