/** What a model directory asks to have installed, and when that is not locked. */
import { describe, expect, test } from 'vitest';
import { readDependencies } from '../../../lib/image/dependencies';
import { Findings } from '../../../lib/image/findings';
import { modelFolder } from './model-folder';

function read(files: Record<string, string>) {
  const findings = new Findings();
  const folder = modelFolder(files);
  const dependencies = readDependencies(folder, findings);
  const errors = findings.errors.map((error) => error.replaceAll(folder, '.'));
  return { ...dependencies, errors, warnings: findings.warnings };
}

const PROJECT = '[project]\nname = "m"\nversion = "0"\ndependencies = ["six"]\n';

describe('which installer', () => {
  test.each([
    ['uv', { 'uv.lock': '', 'pyproject.toml': PROJECT }, ['pyproject.toml', 'uv.lock']],
    ['pip', { 'requirements.txt': 'six==1.17.0' }, ['requirements.txt']],
    ['pip', { 'requirements.txt': '', 'pyproject.toml': PROJECT }, ['requirements.txt']],
    ['none', { 'pyproject.toml': '[tool.ruff]\nline-length = 100\n' }, []],
  ])('%s for %j', (installer, files, expected) => {
    expect(read(files)).toMatchObject({ installer, files: expected, errors: [], warnings: [] });
  });

  test('the lock wins over requirements.txt, and a warning says so', () => {
    const { installer, warnings } = read({ 'uv.lock': '', 'pyproject.toml': PROJECT, 'requirements.txt': 'six' });
    expect(installer).toBe('uv');
    expect(warnings.map((warning) => warning.id)).toEqual(['cdk-model-api:two-dependency-files']);
  });

  test('a project with dependencies and no lock is an error with the fix', () => {
    expect(read({ 'pyproject.toml': PROJECT }).errors).toEqual([
      './pyproject.toml names dependencies but there is no uv.lock: run `uv lock` beside it, or add requirements.txt',
    ]);
  });

  test('a lock without its project is an error', () => {
    expect(read({ 'uv.lock': '' }).errors[0]).toContain('uv.lock stands without pyproject.toml');
  });
});

describe('requirements.txt', () => {
  test.each([
    'six==1.17.0',
    'six == 1.17.0 ; python_version < "3.13"',
    'six==1.17.0 \\\n    --hash=sha256:abc \\\n    --hash=sha256:def\n',
    '# only a comment\n\n--no-binary :none:',
    'six @ file.whl#sha256=abc',
    'numpy[extra]===2.2.6  # why',
  ])('%j is locked', (text) => {
    expect(read({ 'requirements.txt': text }).warnings).toEqual([]);
  });

  test.each(['six', 'six>=1.17', 'six==1.*', 'six ~= 1.17', 'six==1.17,>1.0'])('%j warns', (text) => {
    const { warnings } = read({ 'requirements.txt': `numpy==2.2.6\n${text}\n` });
    expect(warnings.map((warning) => warning.id)).toEqual(['cdk-model-api:unlocked-dependencies']);
    expect(warnings[0].message).toContain(`leaves versions open (${text})`);
  });

  test('the files it includes are installed from too, each once', () => {
    const { files } = read({
      'requirements.txt': '-r base/more.txt\n-c constraints.txt\n./wheels/own-1-py3-none-any.whl\n',
      'base/more.txt': 'six==1.17.0\n--requirement=../requirements.txt\n',
      'constraints.txt': 'six==1.17.0\n',
      'wheels/own-1-py3-none-any.whl': '',
    });
    expect(files).toEqual(['base/more.txt', 'constraints.txt', 'requirements.txt', 'wheels/own-1-py3-none-any.whl']);
  });

  test.each(['-r missing.txt', '-r ../outside.txt', './wheels/missing.whl'])('%s names what is not there', (line) => {
    expect(read({ 'requirements.txt': line }).errors[0]).toMatch(
      /^\.\/requirements\.txt names .* which is not a file in \.$/,
    );
  });

  test.each(['-e .', './src', '../elsewhere'])('%s is refused: it would have to be built', (line) => {
    expect(read({ 'requirements.txt': line }).errors[0]).toContain(`"${line}" cannot be installed in the image`);
  });
});

describe('packages.txt', () => {
  test('names and versions are kept in order, comments are not', () => {
    const text = '# for images\r\nlibgl1\r\nffmpeg=7:5.1.6-0+deb12u1 # pinned\r\n\r\n';
    expect(read({ 'packages.txt': text }).packages).toEqual(['libgl1', 'ffmpeg=7:5.1.6-0+deb12u1']);
  });

  test.each(['libgl1; curl evil', '--allow-downgrades', 'two words', '$(id)'])('%j is not a package', (line) => {
    const { packages, errors } = read({ 'packages.txt': `libgl1\n${line}\n` });
    expect(packages).toEqual(['libgl1']);
    expect(errors).toEqual([`./packages.txt:2: ${JSON.stringify(line)} is not the name of a Debian package`]);
  });
});
