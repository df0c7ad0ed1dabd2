/** Which files of a model directory reach an image, and which never do. */
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Findings } from '../../../lib/image/findings';
import { listModelFiles } from '../../../lib/image/model-files';
import { modelFolder, PREDICT, temporaryFolder } from './model-folder';

function list(folder: string, exclude: string[] = []) {
  const findings = new Findings();
  const paths = listModelFiles(folder, exclude, findings).map((file) => file.path);
  return { paths, errors: findings.errors, warnings: findings.warnings };
}

function link(folder: string, name: string, target: string): void {
  symlinkSync(target, join(folder, name));
}

describe('what is left out', () => {
  test.each([
    '.env',
    '.env.production',
    'certs/server.pem',
    'server.key',
    'id_rsa',
    '.venv/bin/python',
    'venv/bin/python',
    '.git/config',
    '__pycache__/predict.cpython-312.pyc',
    'deep/er/__pycache__/x.pyc',
    '.ipynb_checkpoints/train.ipynb',
    'deep/.aws/credentials',
  ])('%s never reaches an image', (path) => {
    expect(list(modelFolder({ ...PREDICT, [path]: 'x' })).paths).toEqual(['predict.py']);
  });

  test('a virtual environment is known by its pyvenv.cfg, whatever its name', () => {
    const folder = modelFolder({ ...PREDICT, 'sandbox/pyvenv.cfg': 'home = /usr', 'sandbox/lib/x.py': '' });
    expect(list(folder).paths).toEqual(['predict.py']);
  });

  test('.gitignore counts in every folder, and a ! takes back what its own file said', () => {
    const folder = modelFolder({
      ...PREDICT,
      '.gitignore': '# data\n*.csv\n!keep.csv\n/out/\n',
      'keep.csv': '',
      'drop.csv': '',
      'out/x': '',
      'sub/out/x': '',
      'sub/.gitignore': 'local.txt\n',
      'sub/local.txt': '',
      'local.txt': '',
    });
    expect(list(folder).paths).toEqual([
      '.gitignore',
      'keep.csv',
      'local.txt',
      'predict.py',
      'sub/.gitignore',
      'sub/out/x',
    ]);
  });

  test('.dockerignore counts from the top, as Docker reads it', () => {
    const folder = modelFolder({
      ...PREDICT,
      '.dockerignore': 'data\n!data/keep.bin\n',
      'data/a.bin': '',
      'data/keep.bin': '',
    });
    expect(list(folder).paths).toEqual(['.dockerignore', 'data/keep.bin', 'predict.py']);
  });

  test('a ! of the user brings no secret back', () => {
    const folder = modelFolder({ ...PREDICT, '.gitignore': '!.env\n', '.env': 'SECRET=1' });
    expect(list(folder, ['!.env']).paths).toEqual(['.gitignore', 'predict.py']);
  });

  test('exclude leaves out more', () => {
    expect(list(modelFolder({ ...PREDICT, 'train/a.py': '', 'b.md': '' }), ['train/', '*.md']).paths).toEqual([
      'predict.py',
    ]);
  });
});

describe('links', () => {
  test('a link inside the directory becomes what it points to', () => {
    const folder = modelFolder({ ...PREDICT, 'v2/weights.bin': 'w' });
    link(folder, 'current', 'v2');
    link(folder, 'weights.bin', 'v2/weights.bin');
    expect(list(folder).paths).toEqual(['current/weights.bin', 'predict.py', 'v2/weights.bin', 'weights.bin']);
  });

  test('a link out of the directory is refused with both ends', () => {
    const [folder, outside] = [modelFolder(), modelFolder({ secret: 'x' })];
    link(folder, 'data', join(outside, 'secret'));
    const { paths, errors } = list(folder);
    expect(paths).toEqual(['predict.py']);
    expect(errors).toEqual([
      `${folder}/data points out of the model directory, to ${outside}/secret: copy it in, or name it in .dockerignore`,
    ]);
  });

  test('a link that is left out itself may point anywhere', () => {
    const folder = modelFolder({ ...PREDICT, '.dockerignore': 'data\n' });
    link(folder, 'data', '/');
    expect(list(folder).errors).toEqual([]);
  });

  test.each(['.env', 'private/key.txt'])('a link to %s does not bring it in under another name', (target) => {
    const folder = modelFolder({ ...PREDICT, '.env': 'x', 'private/key.txt': 'x', '.gitignore': 'private/\n' });
    link(folder, 'settings', target);
    expect(list(folder).paths).toEqual(['.gitignore', 'predict.py']);
  });

  test('links that go round in a circle are refused', () => {
    const folder = modelFolder();
    for (const name of ['a', 'b']) mkdirSync(join(folder, name));
    link(folder, 'a/to-b', '../b');
    link(folder, 'b/to-a', '../a');
    expect(list(folder).errors).toContain(`${folder}/b/to-a points to a folder that it lies in: remove it`);
  });

  test('a link to nothing is refused', () => {
    const folder = modelFolder();
    link(folder, 'gone', 'nowhere');
    expect(list(folder).errors).toEqual([
      `${folder}/gone is a link to nothing: remove it, or name it in .dockerignore`,
    ]);
  });
});

test('weights that only .gitignore names are missed aloud, a whole folder of them too', () => {
  const weights = { '.gitignore': '*.npz\ncheckpoints/\n', 'model.npz': '', 'checkpoints/1.pt': '', 'notes.txt': '' };
  expect(list(modelFolder({ ...PREDICT, ...weights })).warnings).toEqual([
    {
      id: 'cdk-model-api:weights-left-to-git',
      message: expect.stringMatching(
        /^checkpoints, model\.npz will not be in the image, because \.gitignore names it\./,
      ),
    },
  ]);
});

test('weights that .dockerignore names are meant to stay out', () => {
  const folder = modelFolder({ ...PREDICT, '.gitignore': '*.npz', '.dockerignore': '*.npz', 'model.npz': '' });
  expect(list(folder).warnings).toEqual([]);
});

test('above 500 MiB a warning names the biggest files', () => {
  const folder = modelFolder();
  for (const [name, mebibytes] of [
    ['a.bin', 100],
    ['b.bin', 401],
  ] as const) {
    writeFileSync(join(folder, name), '');
    truncateSync(join(folder, name), mebibytes * 1024 * 1024);
  }
  const [{ id, message }] = list(folder).warnings;
  expect(id).toBe('cdk-model-api:large-model-directory');
  expect(message).toContain(
    'holds 501 MiB, and every replica pulls them; the biggest files are b.bin (401 MiB), a.bin (100 MiB)',
  );
});

test('a directory reached through a link is listed as if it were there', () => {
  const alias = join(temporaryFolder(), 'alias');
  symlinkSync(modelFolder({ ...PREDICT, '.env': '' }), alias);
  expect(list(alias).paths).toEqual(['predict.py']);
});
