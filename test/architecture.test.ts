/**
 * The house rules that a reviewer would otherwise have to remember: which folder may import which, what a file looks
 * like, and what no file may say. Each test lists every offender, so that one run shows them all.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import ts from 'typescript';
import { describe, expect, onTestFinished, test } from 'vitest';
import { cycleIn, type Import, importsOf, projectFiles, ROOT, text } from './architecture/source';

const files = projectFiles();
const typeScript = files.filter((file) => /\.(ts|mts|mjs)$/.test(file));
const worker = files.filter((file) => file.startsWith('runtime/worker/') && file.endsWith('.py'));
const imports = importsOf(typeScript);

/** Handlers under test/fixtures are what users write, good and bad. */
const sources = files.filter((file) => /\.(ts|mts|mjs|py)$/.test(file) && !file.startsWith('test/fixtures/'));

const NODE = /^node:/;
const CDK = /^(aws-cdk-lib|constructs)(\/|$)/;
const CONTRACT = /^runtime\/contract\//;
const LIBRARY = /^lib\/index\.ts$/;
const MODULE = /^(?!(lib|bin|runtime|examples|test|scripts|bench)\/)/;

/** What each folder may import beside itself: the arrows of docs/architecture.md, and nothing else. */
const ARROWS: Record<string, readonly RegExp[]> = {
  'runtime/contract/': [],
  'runtime/gateway/': [CONTRACT, MODULE],
  'runtime/probe/': [CONTRACT, MODULE],
  'lib/': [CONTRACT, CDK, NODE],
  'examples/': [LIBRARY, MODULE],
  'bin/': [/^lib\//, CONTRACT, MODULE],
};

function against(folder: string, allowed: readonly RegExp[]): Import[] {
  const leaving = imports.filter(({ from, to }) => from.startsWith(folder) && !to.startsWith(folder));
  return leaving.filter(({ to }) => !allowed.some((pattern) => pattern.test(to)));
}

/** bin/app.ts is the CDK app of the examples, and the one file that may import them. */
function isExamplesApp({ from, to }: Import): boolean {
  return from === 'bin/app.ts' && to.startsWith('examples/');
}

describe('imports', () => {
  test.each(Object.entries(ARROWS))('%s imports only what lies below it', (folder, allowed) => {
    expect(against(folder, allowed).filter((found) => !isExamplesApp(found))).toEqual([]);
  });

  test('every folder of sources stands under the arrows', () => {
    const folders = sources.filter((file) => /^(lib|bin|runtime|examples)\/.*\.ts$/.test(file));
    expect(folders.filter((file) => !Object.keys(ARROWS).some((folder) => file.startsWith(folder)))).toEqual([]);
  });

  test('only protocols know wire forms, only the worker side knows processes, and neither knows the other', () => {
    const between = imports.filter(
      ({ from, to }) =>
        (from.startsWith('runtime/gateway/protocols/') && to.startsWith('runtime/gateway/worker/')) ||
        (from.startsWith('runtime/gateway/worker/') && to.startsWith('runtime/gateway/protocols/')),
    );
    expect(between).toEqual([]);
  });

  test('no file reaches itself', () => {
    expect(cycleIn(imports)).toEqual([]);
  });

  test('a cycle, when there is one, is found', () => {
    const ring = [
      { from: 'entry', to: 'a' },
      { from: 'a', to: 'b' },
      { from: 'b', to: 'c' },
      { from: 'c', to: 'a' },
    ];
    expect(cycleIn(ring)).toEqual(['a', 'b', 'c', 'a']);
  });

  test('an index file of the library only re-exports, and no file of the library imports it', () => {
    const indexes = typeScript.filter((file) => /^lib\/(.+\/)?index\.ts$/.test(file));
    expect(indexes.filter((file) => !onlyReExports(file))).toEqual([]);
    expect(
      imports.filter(({ from, to }) => indexes.includes(to) && from.startsWith('lib/') && from !== 'lib/index.ts'),
    ).toEqual([]);
  });

  test('the worker imports the standard library and itself alone', () => {
    const scan = spawnSync('python3', [join(__dirname, 'architecture/foreign_imports.py'), ...worker], { cwd: ROOT });
    expect(JSON.parse(scan.stdout.toString())).toEqual([]);
  });
});

function onlyReExports(file: string): boolean {
  const { statements } = ts.createSourceFile(file, text(file), ts.ScriptTarget.ES2022);
  return statements.every((statement) => ts.isExportDeclaration(statement) && statement.moduleSpecifier !== undefined);
}

describe('files', () => {
  test('each opens with what it is', () => {
    // A suite says what it is by the names of its tests.
    const explained = sources.filter((file) => !file.endsWith('.test.ts'));
    const headless = explained.filter((file) => !/^(#!.*\n)?(\/\*\*|\/\/|"""|#)/.test(text(file)));
    expect(headless).toEqual([]);
  });

  test('none is longer than 350 lines', () => {
    expect(sources.filter((file) => text(file).split('\n').length > 351)).toEqual([]);
  });

  test('each is named for its job', () => {
    const vague = /^(.*[-_])?(utils?|helpers?|common|misc|managers?)$|^base$/;
    expect(sources.filter((file) => vague.test(basename(file).replace(/\..*$/, '')))).toEqual([]);
  });

  test('none names a place on one machine or a package registry', () => {
    // Written in pieces, or this file would be the first offender.
    const registries = ['registry.npmjs', 'registry.yarnpkg', 'pypi', 'files.pythonhosted'].map(
      (name) => `${name}.org`,
    );
    const homes = ['root', 'home', 'Users', 'work'].map((name) => `/${name}/`);
    const telling = files.filter((file) => [...registries, ...homes].some((place) => mentions(file, place)));
    expect(telling).toEqual([]);
  });
});

/** A path counts only where it starts: a folder of the project may have such a name. */
function mentions(file: string, place: string): boolean {
  const at = text(file).split(place).slice(0, -1);
  return at.some((before) => !place.startsWith('/') || !/[\w.*)}$>-]$/.test(before));
}

describe('package', () => {
  const manifest = JSON.parse(text('package.json'));

  test('has no dependencies: jsii refuses unbundled ones, and what runs is bundled', () => {
    expect(manifest.dependencies ?? {}).toEqual({});
  });

  test('is developed against the lowest version of each peer that it promises', () => {
    const floors = Object.keys(manifest.peerDependencies).map((peer) => [peer, `^${manifest.devDependencies[peer]}`]);
    expect(Object.fromEntries(floors)).toEqual(manifest.peerDependencies);
  });

  test('has a lock file that names no registry', () => {
    expect(text('package-lock.json')).not.toMatch(/"resolved": "http/);
  });

  test('brings a gateway whose entry is at most 1 MB', () => {
    expect(statSync(join(ROOT, 'runtime/dist/gateway/main.mjs')).size).toBeLessThanOrEqual(1024 * 1024);
  });
});

describe('an edited source is what runs next, though jsii left its last build beside it', () => {
  function sourceBesideItsBuild(): string {
    const folder = mkdtempSync(join(tmpdir(), 'model-api-resolution-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    writeFileSync(join(folder, 'declaration.ts'), "export const ran: string = 'the source';");
    writeFileSync(join(folder, 'declaration.js'), "exports.ran = 'the last build';");
    writeFileSync(join(folder, 'app.ts'), "import { ran } from './declaration';\nconsole.log(ran);\nexport { ran };");
    return join(folder, 'app.ts');
  }

  test('in the tests', async () => {
    expect((await import(sourceBesideItsBuild())).ran).toBe('the source');
  });

  test('in the CDK app, as cdk.json starts it', () => {
    const [node, ...args] = JSON.parse(text('cdk.json')).app.split(' ').slice(0, -1);
    const run = spawnSync(node, [...args, sourceBesideItsBuild()], { cwd: ROOT, encoding: 'utf8' });
    expect(run.stdout.trim()).toBe('the source');
  });
});
