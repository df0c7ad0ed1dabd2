/** What is in an image, how it came there, and what a change of the directory rebuilds. */
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ModelHandler } from 'cdk-model-api';
import { expect, onTestFinished, test } from 'vitest';
import { SERVING_DEFAULTS } from '../../runtime/contract/manifest';
import { describeWith } from '../setup/needs';
import { declare } from './declared';
import { docker } from './docker';
import { modelWith } from './model-copy';
import { pause, Replica } from './replica';

const BUILD_TIMEOUT_MS = 300_000;

/** How often the words occur in any layer of the image, also in one that a later layer hides. */
function occurrences(image: string, words: string): number {
  const count = `docker save ${image} | grep --text --count --fixed-strings '${words}' || true`;
  return Number(execFileSync('sh', ['-c', count], { encoding: 'utf8' }));
}

function layers(image: string): string[] {
  return JSON.parse(docker('image', 'inspect', '--format', '{{json .RootFS.Layers}}', image));
}

/** What the image's Python prints, run as the image says. */
function python(image: string, code: string): string {
  return docker('run', '--rm', '--read-only', image, 'python', '-c', code);
}

describeWith(['docker'], 'the image', () => {
  test(
    'holds no secret of the directory in any layer',
    () => {
      const secret = 'c0ffee-container-test-secret';
      const visible = 'c0ffee-container-test-visible';
      const { image } = declare(
        ModelHandler.fromDirectory(modelWith({ '.env': secret, 'server.key': secret, 'notes.txt': visible })),
      );
      expect(occurrences(image, visible)).toBeGreaterThan(0);
      expect(occurrences(image, secret)).toBe(0);
    },
    BUILD_TIMEOUT_MS,
  );

  test(
    'an edit of predict.py changes the last layer and no other',
    () => {
      const folder = modelWith({ 'requirements.txt': 'six==1.17.0\n' });
      const before = layers(declare(ModelHandler.fromDirectory(folder)).image);
      appendFileSync(join(folder, 'predict.py'), '\n# edited\n');
      const after = layers(declare(ModelHandler.fromDirectory(folder)).image);
      expect(after.slice(0, -1)).toEqual(before.slice(0, -1));
      expect(after.at(-1)).not.toBe(before.at(-1));
    },
    BUILD_TIMEOUT_MS,
  );

  test(
    'requirements.txt is installed, with bytecode, and a wrong hash stops the build',
    () => {
      const { image } = declare(ModelHandler.fromDirectory(modelWith({ 'requirements.txt': 'six==1.17.0\n' })));
      expect(python(image, 'import os, six; print(six.__version__, os.path.exists(six.__cached__))')).toBe(
        '1.17.0 True',
      );
      const wrong = `six==1.17.0 --hash=sha256:${'0'.repeat(64)}\n`;
      expect(() => declare(ModelHandler.fromDirectory(modelWith({ 'requirements.txt': wrong })))).toThrow(
        /THESE PACKAGES DO NOT MATCH THE HASHES/,
      );
    },
    BUILD_TIMEOUT_MS,
  );

  test(
    'uv.lock is installed to the letter, without the packages of development',
    () => {
      const folder = modelWith({ 'pyproject.toml': PROJECT });
      lock(folder);
      const lockedVersion = /name = "six"\nversion = "([^"]+)"/.exec(
        readFileSync(join(folder, 'uv.lock'), 'utf8'),
      )?.[1];
      const { image } = declare(ModelHandler.fromDirectory(folder));
      const code = 'import six, importlib.util as u; print(six.__version__, u.find_spec("iniconfig"))';
      expect(python(image, code)).toBe(`${lockedVersion} None`);
    },
    BUILD_TIMEOUT_MS,
  );

  test(
    'packages.txt is installed',
    () => {
      const { image } = declare(ModelHandler.fromDirectory(modelWith({ 'packages.txt': 'libgomp1\n' })));
      expect(docker('run', '--rm', image, 'dpkg', '--status', 'libgomp1')).toContain('Status: install ok installed');
    },
    BUILD_TIMEOUT_MS,
  );
});

describeWith(['docker'], 'docker run', () => {
  /** The container of `docker run IMAGE …`, and what its address answers. */
  async function running(variables: readonly string[], port: number, ...command: string[]): Promise<Response> {
    const { image } = declare(ModelHandler.fromDirectory(modelWith({})));
    const flags = ['--detach', '--read-only', ...variables.flatMap((variable) => ['--env', variable])];
    const id = docker('run', ...flags, image, ...command);
    onTestFinished(() => void docker('rm', '--force', '--volumes', id));
    const address = docker('inspect', '--format', '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}', id);
    return eventually(() => fetch(`http://${address}:${port}/ping`));
  }

  test(
    'IMAGE serve is what SageMaker runs: /ping answers on the port that it asks for',
    async () => {
      const response = await running(['SAGEMAKER_BIND_TO_PORT=8765'], 8765, 'serve');
      expect([response.status, await response.text()]).toEqual([200, '']);
    },
    BUILD_TIMEOUT_MS,
  );

  test(
    'IMAGE serves as well, on the port of the contract',
    async () => {
      expect((await running([], SERVING_DEFAULTS.port)).status).toBe(200);
    },
    BUILD_TIMEOUT_MS,
  );
});

/** The first answer with 200: before, nobody listens, or the model loads. */
async function eventually(ask: () => Promise<Response>): Promise<Response> {
  for (;;) {
    const response = await ask().catch(() => undefined);
    if (response?.status === 200) return response;
    await pause(100);
  }
}

describeWith(['docker'], 'a Dockerfile of the user', () => {
  test(
    'continues the image, and the task runs what it adds',
    async () => {
      const lines = [
        'FROM model-api',
        'USER root',
        'RUN mkdir /opt/extra',
        'COPY handler/notes.txt /opt/extra/',
        'USER 10001',
      ];
      const folder = modelWith({ Dockerfile: `${lines.join('\n')}\n`, 'notes.txt': 'noted' });
      const replica = await Replica.run(declare(ModelHandler.fromDockerfile(folder)));
      onTestFinished(() => replica.task.remove());
      expect(replica.task.exec('cat', '/opt/extra/notes.txt')).toBe('noted');
      expect(await replica.predict({ do: 'identify' })).toMatchObject({ user: 10001 });
    },
    BUILD_TIMEOUT_MS,
  );
});

/** Held below the newest version, so that installing anything but the lock would show. */
const PROJECT = `[project]
name = "model"
version = "0"
requires-python = ">=3.10"
dependencies = ["six<1.17"]

[dependency-groups]
dev = ["iniconfig"]
`;

/** By the uv that the Dockerfile installs. */
function lock(folder: string): void {
  const version = /UV_VERSION=(\S+)/.exec(readFileSync(join(__dirname, '../../runtime/image/Dockerfile'), 'utf8'))?.[1];
  const environment = mkdtempSync(join(tmpdir(), 'model-api-uv-'));
  onTestFinished(() => rmSync(environment, { recursive: true }));
  execFileSync('python3', [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--root-user-action=ignore',
    '--target',
    environment,
    `uv==${version}`,
  ]);
  execFileSync(join(environment, 'bin/uv'), ['lock', '--directory', folder], {
    stdio: 'ignore',
    env: { ...process.env, UV_SYSTEM_CERTS: '1' },
  });
}
