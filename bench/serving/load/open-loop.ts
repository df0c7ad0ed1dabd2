/** Runs the open-loop driver in a process of its own, so that what this one does meanwhile delays no request. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { OpenLoopOptions } from './generator';
import type { LoadResult } from './load-result';

const GENERATOR = join(__dirname, 'generator.ts');

export async function runOpenLoop(options: OpenLoopOptions): Promise<LoadResult> {
  const args = ['--import', 'tsx', GENERATOR, JSON.stringify(options)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (chunk) => {
    text += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`the open-loop driver ended with ${code}`);
  return JSON.parse(text, (_, value) => value ?? Number.NaN);
}
