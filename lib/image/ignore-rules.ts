/**
 * What of a model directory never reaches an image: secrets and leavings by a fixed list, and whatever the user's own
 * `.gitignore` (in any folder), `.dockerignore` (at the top) and `exclude` name. The rules only ever leave out; a `!`
 * in one file takes back what the same file said and nothing else.
 */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { IgnoreStrategy } from 'aws-cdk-lib';

/** Patterns of a `.gitignore`. An image is pulled by more people than may read these. */
const SECRETS = [
  '.env*',
  '*.pem',
  '*.key',
  '*.p12',
  '*.pfx',
  'id_rsa*',
  'id_ecdsa*',
  'id_ed25519*',
  '.netrc',
  '.pypirc',
  '.aws/',
  '.ssh/',
];

/** What tools leave behind: large, different on each machine, and of no use in an image. */
const LEAVINGS = [
  '.git',
  '.venv/',
  'venv/',
  '__pycache__/',
  '*.pyc',
  '.ipynb_checkpoints/',
  '.pytest_cache/',
  '.mypy_cache/',
  '.ruff_cache/',
  'node_modules/',
  'cdk.out/',
  '.DS_Store',
];

/** Who wrote a rule: about what git keeps, or about what the image holds. */
type Author = 'git' | 'image';

interface Rule {
  readonly author: Author;
  readonly strategy: IgnoreStrategy;
}

export class IgnoreRules {
  /** The rules that a folder's own files add to those of the folders above it. */
  private readonly ownRules = new Map<string, readonly Rule[]>();

  constructor(
    private readonly root: string,
    exclude: readonly string[],
  ) {
    const fixed = IgnoreStrategy.git(root, [...SECRETS, ...LEAVINGS]);
    const chosen = IgnoreStrategy.git(root, [...exclude]);
    const ofImage = [fixed, chosen, ...this.readDockerignore()].map(
      (strategy): Rule => ({ author: 'image', strategy }),
    );
    this.ownRules.set(root, [...ofImage, ...this.read(root)]);
  }

  /** Judges the entry by itself; an entry in a folder that is left out is never reached. */
  leavesOut(path: string, isDirectory: boolean): boolean {
    // Whatever it is called, a folder with this file is a virtual environment.
    if (isDirectory && existsSync(join(path, 'pyvenv.cfg'))) return true;
    return this.authorsAgainst(path, isDirectory).length > 0;
  }

  /** Left out only because git does not keep it, which says nothing about the image. */
  isLeftToGit(path: string, isDirectory: boolean): boolean {
    const authors = this.authorsAgainst(path, isDirectory);
    return authors.length > 0 && authors.every((author) => author === 'git');
  }

  /** As `leavesOut`, and also when a folder on the way from the root is left out: for what a link points to. */
  hides(path: string, isDirectory: boolean): boolean {
    if (path === this.root) return false;
    return this.leavesOut(path, isDirectory) || this.hides(dirname(path), true);
  }

  private authorsAgainst(path: string, isDirectory: boolean): Author[] {
    const against = this.rulesOver(dirname(path)).filter(({ strategy }) =>
      isDirectory ? strategy.completelyIgnores(path) : strategy.ignores(path),
    );
    return against.map(({ author }) => author);
  }

  private rulesOver(folder: string): readonly Rule[] {
    const own = this.ownRules.get(folder) ?? this.read(folder);
    this.ownRules.set(folder, own);
    return folder === this.root ? own : [...own, ...this.rulesOver(dirname(folder))];
  }

  private read(folder: string): Rule[] {
    const file = join(folder, '.gitignore');
    return existsSync(file) ? [{ author: 'git', strategy: IgnoreStrategy.git(folder, patternsOf(file)) }] : [];
  }

  private readDockerignore(): IgnoreStrategy[] {
    const file = join(this.root, '.dockerignore');
    return existsSync(file) ? [IgnoreStrategy.docker(this.root, patternsOf(file))] : [];
  }
}

function patternsOf(file: string): string[] {
  const lines = readFileSync(file, 'utf8').split(/\r?\n/);
  return lines.filter((line) => line.trim() !== '' && !line.startsWith('#'));
}
