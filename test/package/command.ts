/** One command of a user's, run to its end: what it printed, or an error that holds all of it. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Banners and questions aside, the environment is the user's: npm and pip find their registries as they always do. */
const QUIET = {
  CDK_VALIDATION: 'false',
  JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '1',
  PIP_DISABLE_PIP_VERSION_CHECK: '1',
};

export async function command(cwd: string, file: string, args: readonly string[], env = {}): Promise<string> {
  const options = { cwd, env: { ...process.env, ...QUIET, ...env }, maxBuffer: 64 * 1024 * 1024 };
  try {
    return (await promisify(execFile)(file, args, options)).stdout;
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string };
    throw new Error(`${message}\n${stdout}${stderr}`);
  }
}
