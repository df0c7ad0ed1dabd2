/**
 * The gateway: one process between callers and the Python workers that run their handler. The manifest makes the stages,
 * the stages listen, the workers load, and a signal drains them. An API without keys has no stage that authenticates.
 *
 *     socket -> route -> authenticate -> validate -> admit -> worker -> encode -> socket
 *
 * It exits with 0 when drained, 3 when the handler could not be loaded, 1 for anything else.
 */
import { readConfig } from './config';
import { drainOnSignal } from './drain';
import { startWindows } from './emf';
import { boundGarbage } from './garbage';
import { Gateway } from './gateway';
import { readGpus } from './gpu/read-gpus';
import { startUsageReports } from './keys/usage';
import { Log } from './log';
import { StartError } from './start-error';
import { LoadError } from './worker/load-error';

/** `node`: HTTP by node:http, the way back from the gateway's own front. */
const FRONT_VARIABLE = 'MODEL_API_HTTP_FRONT';

const FLUSH_MS = 1_000;

boundGarbage();
const log = new Log(process.stdout);

async function main(): Promise<void> {
  const config = readConfig(process.env, process.argv[2]);
  log.identity = { api: config.name, version: config.version };
  const gateway = new Gateway(config, log, process.env[FRONT_VARIABLE] === 'node');
  const stopReadingGpus = readGpus(config.paths, gateway.metrics.gpus, log);
  process.once('exit', () => {
    gateway.pool.killAll();
    stopReadingGpus();
  });
  process.on('SIGHUP', () => void gateway.pool.reload());
  const closeLastWindow = startWindows(gateway.metrics, log, config);
  const reportLastUsage = startUsageReports(gateway.metrics.keyRequests, log);
  const drained = drainOnSignal(gateway, config.serveOnMs);
  await gateway.listen();
  // Whoever is told to leave while it loads need not wait for that.
  await Promise.race([gateway.load(), drained]);
  await drained;
  reportLastUsage();
  closeLastWindow();
  log.event('info', 'stopped', 'Stopped.');
}

async function exit(code: number): Promise<never> {
  await log.flush(FLUSH_MS);
  process.exit(code);
}

function fail(error: unknown): Promise<never> {
  if (error instanceof LoadError) return exit(3);
  const { message, stack } = error as Error;
  if (error instanceof StartError) log.event('error', 'failed', message);
  else log.event('error', 'failed', `The gateway failed: ${message}`, { error: { message, traceback: stack } });
  return exit(1);
}

process.on('uncaughtException', fail);
// Only `model-api dev` opens a channel: when that is gone, nobody is left to serve.
process.once('disconnect', () => process.exit(1));
main().then(() => exit(0), fail);
