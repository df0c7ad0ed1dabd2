/** A gateway for as long as something uses it: waits until the handler is loaded, and stops it whatever happens. */
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
  void given(interrupts.asked).then(() => terminal.note('Stopping. Ctrl-C again does not wait for running requests.'));
  try {
    return await use(gateway, await whenLoaded(gateway, settings.model.entry, terminal, interrupts));
  } finally {
    await gateway.stop();
  }
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
