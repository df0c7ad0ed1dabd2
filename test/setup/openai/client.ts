/** OpenAI's own Python client, in the virtual environment that `requirements.txt` beside this file is installed into. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const PYTHON = join(__dirname, '../../../node_modules/.cache/openai/bin/python');

export function openAiInstalled(): boolean {
  return existsSync(PYTHON);
}

/**
 * What a Python expression gives, as JSON, in which `client` is OpenAI's client of the server at `url`; `lines` stand
 * before it.
 */
// biome-ignore lint/suspicious/noExplicitAny: tests look into documents of any form.
export async function askWithClient(url: string, lines: readonly string[], expression: string): Promise<any> {
  const program = [
    'import json, openai',
    `client = openai.OpenAI(base_url=${JSON.stringify(`${url}/v1`)}, api_key="none", max_retries=0)`,
    ...lines,
    `print(json.dumps(${expression}))`,
  ];
  const { stdout } = await promisify(execFile)(PYTHON, ['-c', program.join('\n')], {
    env: { ...process.env, NO_PROXY: '127.0.0.1', PYTHONDONTWRITEBYTECODE: '1' },
  });
  return JSON.parse(stdout);
}
