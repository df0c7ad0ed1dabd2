/**
 * Suites that need more than Node and Python: a Docker engine, a container registry, a moto server, nginx,
 * OpenAI's client, a C compiler. Where one is missing the suite is skipped under a title that says what to do, which
 * `npm test` repeats at its end.
 * `MODEL_API_TEST_REQUIRE=docker,registry,moto,nginx,openai,cc` turns a skip into a failure: CI sets it, so that nothing
 * is skipped there.
 */
import { spawnSync } from 'node:child_process';
import { describe, test } from 'vitest';
import { motoInstalled } from './moto/server';
import { openAiInstalled } from './openai/client';

export type Need = 'cc' | 'docker' | 'moto' | 'nginx' | 'openai' | 'registry';

interface Requirement {
  readonly present: () => boolean;
  readonly missing: string;
}

const REQUIREMENTS: Record<Need, Requirement> = {
  cc: {
    present: () => spawnSync('cc', ['--version']).status === 0,
    missing: "no C compiler on the PATH as cc: install Debian's gcc and libc6-dev, or run .ci/run",
  },
  docker: {
    present: () => spawnSync('docker', ['version', '--format', '{{.Server.Version}}']).status === 0,
    missing: 'no Docker engine answers: start one (`sudo dockerd`), or run .ci/run, which installs and starts it',
  },
  moto: {
    present: motoInstalled,
    missing:
      'moto is not installed: `python3 -m venv node_modules/.cache/moto && ' +
      'node_modules/.cache/moto/bin/pip install -r test/setup/requirements.txt`',
  },
  nginx: {
    present: () => spawnSync('nginx', ['-v']).status === 0,
    missing: "no nginx on the PATH: install Debian's nginx-light, or run .ci/run",
  },
  openai: {
    present: openAiInstalled,
    missing:
      "OpenAI's client is not installed: `python3 -m venv node_modules/.cache/openai && " +
      'node_modules/.cache/openai/bin/pip install -r test/setup/openai/requirements.txt`',
  },
  registry: {
    present: () => spawnSync('docker-registry', ['--version']).status === 0,
    missing: "no docker-registry on the PATH: install Debian's package of that name, or run .ci/run",
  },
};

/** `describe`, where every need is met. */
export function describeWith(needs: readonly Need[], name: string, body: () => void): void {
  const missing = needs.filter((need) => !REQUIREMENTS[need].present());
  if (missing.length === 0) return void describe(name, body);
  const reason = missing.map((need) => REQUIREMENTS[need].missing).join('; ');
  const required = (process.env.MODEL_API_TEST_REQUIRE ?? '').split(',');
  if (!missing.some((need) => required.includes(need))) return void describe.skip(`${name}: ${reason}`, body);
  test(name, () => {
    throw new Error(`${reason} (required by MODEL_API_TEST_REQUIRE)`);
  });
}
