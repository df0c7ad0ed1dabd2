/** The model of the container tests, and copies of it that differ in a file or two. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

export const MODEL = join(__dirname, 'model');

/** A copy with these files added or replaced; gone after the test. */
export function modelWith(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'model-api-model-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  cpSync(MODEL, folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}
