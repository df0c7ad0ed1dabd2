/**
 * Lists the files of a model directory that belong in its image, in one order on every machine. A symbolic link is
 * followed and counts as what it points to when that lies inside the directory and is not left out itself; a link that
 * points outside is an error, for the image would then depend on more than the directory.
 */
import { existsSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join, sep } from 'node:path';
import type { Findings } from './findings';
import { IgnoreRules } from './ignore-rules';

export interface ModelFile {
  /** Relative to the directory, with `/`. */
  readonly path: string;
  /** Where its bytes are. */
  readonly source: string;
  readonly bytes: number;
  readonly executable: boolean;
}

/** Above it an image is slow to push and to start, and something large is often there by accident. */
const LARGE_DIRECTORY_MIB = 500;
const MIB = 1024 * 1024;

/** How weights are called. Git often does not keep them, and an image without them cannot load its model. */
const WEIGHTS = /\.(bin|ckpt|gguf|h5|joblib|keras|npy|npz|onnx|pb|pickle|pkl|pt|pth|safetensors|tflite)$/i;

export function listModelFiles(directory: string, exclude: readonly string[], findings: Findings): ModelFile[] {
  // The real path, so that a link's target can be compared with it.
  const files = new ModelFileWalk(realpathSync(directory), exclude, findings).list();
  warnWhenLarge(files, findings);
  return files;
}

class ModelFileWalk {
  private readonly rules: IgnoreRules;
  private readonly files: ModelFile[] = [];
  private readonly weightsLeftToGit: string[] = [];
  /** The folders that are being walked, outermost first: a link to one of them would never end. */
  private readonly open: string[] = [];

  constructor(
    private readonly root: string,
    exclude: readonly string[],
    private readonly findings: Findings,
  ) {
    this.rules = new IgnoreRules(root, exclude);
  }

  list(): ModelFile[] {
    this.walk(this.root, '');
    warnOfMissingWeights(this.weightsLeftToGit, this.findings);
    return this.files;
  }

  /** `folder` is where the entries are, `path` what the image will call it: they differ below a link. */
  private walk(folder: string, path: string): void {
    this.open.push(folder);
    for (const entry of readdirSync(folder, { withFileTypes: true }).sort(byName)) {
      const source = join(folder, entry.name);
      const name = path === '' ? entry.name : `${path}/${entry.name}`;
      if (!entry.isSymbolicLink()) this.visit(source, name);
      else if (!this.rules.leavesOut(source, false)) this.follow(source, name);
    }
    this.open.pop();
  }

  private visit(source: string, path: string): void {
    const stat = statSync(source);
    if (this.rules.leavesOut(source, stat.isDirectory())) {
      if (holdsWeights(source, stat) && this.rules.isLeftToGit(source, stat.isDirectory())) {
        this.weightsLeftToGit.push(path);
      }
      return;
    }
    if (stat.isDirectory()) this.walk(source, path);
    // Sockets, pipes and devices hold nothing that could be copied.
    if (!stat.isFile()) return;
    this.files.push({ path, source, bytes: stat.size, executable: (stat.mode & 0o100) !== 0 });
  }

  private follow(link: string, path: string): void {
    const target = existsSync(link) ? realpathSync(link) : undefined;
    if (target === undefined) {
      this.findings.error(`${link} is a link to nothing: remove it, or name it in .dockerignore`);
    } else if (!isInside(target, this.root)) {
      this.findings.error(
        `${link} points out of the model directory, to ${target}: copy it in, or name it in .dockerignore`,
      );
    } else if (this.open.includes(target)) {
      this.findings.error(`${link} points to a folder that it lies in: remove it`);
    } else if (!this.rules.hides(target, statSync(target).isDirectory())) {
      this.visit(target, path);
    }
  }
}

/** By code unit: the order of a locale would differ between machines. */
function byName(left: { name: string }, right: { name: string }): number {
  return left.name < right.name ? -1 : 1;
}

function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder + sep);
}

/** A folder that is left out is looked into no deeper than this. */
function holdsWeights(source: string, stat: Stats): boolean {
  return stat.isDirectory() ? readdirSync(source).some((name) => WEIGHTS.test(name)) : WEIGHTS.test(source);
}

function warnOfMissingWeights(paths: readonly string[], findings: Findings): void {
  if (paths.length === 0) return;
  findings.warning(
    'weights-left-to-git',
    `${paths.join(', ')} will not be in the image, because .gitignore names it. If the model loads it, take it out of ` +
      '.gitignore; if not, name it in .dockerignore too',
  );
}

function warnWhenLarge(files: readonly ModelFile[], findings: Findings): void {
  const mebibytes = Math.round(files.reduce((sum, file) => sum + file.bytes, 0) / MIB);
  if (mebibytes <= LARGE_DIRECTORY_MIB) return;
  const biggest = [...files].sort((left, right) => right.bytes - left.bytes).slice(0, 5);
  const names = biggest.map((file) => `${file.path} (${Math.round(file.bytes / MIB)} MiB)`).join(', ');
  findings.warning(
    'large-model-directory',
    `the model directory holds ${mebibytes} MiB, and every replica pulls them; the biggest files are ${names}. ` +
      'Leave out with .dockerignore what the model does not need',
  );
}
