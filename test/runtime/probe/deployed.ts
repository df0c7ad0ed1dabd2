/** The probe function's folder as it is deployed, with the AWS SDK that Lambda's runtime brings. */
import { copyFileSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProbeAnswer, ProbeEvent, ProbeSample, ProbeSamplesResult } from '../../../runtime/contract/probe';

const ROOT = join(import.meta.dirname, '../../..');

export type Probe = (event: ProbeEvent) => Promise<ProbeAnswer & ProbeSamplesResult>;

export function deployedProbe(samples: readonly ProbeSample[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'probe-'));
  copyFileSync(join(ROOT, 'runtime/dist/probe/index.mjs'), join(folder, 'index.mjs'));
  writeFileSync(join(folder, 'samples.json'), JSON.stringify(samples));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** Its clients read their endpoints from the environment of this moment. */
export async function importProbe(folder: string): Promise<Probe> {
  return (await import(/* @vite-ignore */ join(folder, 'index.mjs'))).handler;
}
