/**
 * The files of one run on a laptop, in a private temporary folder: the baked layer of the manifest, which an image
 * would hold, and a launcher for Python. The launcher is what lets the running gateway change to another environment:
 * it starts every worker by the same path, and the path's content says which Python that is.
 */
import { chmodSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MANIFEST_VERSION, type ServingManifest } from '../../runtime/contract/manifest';

export class SessionFiles {
  private readonly directory = mkdtempSync(join(tmpdir(), 'model-api-'));
  readonly manifest = join(this.directory, 'serving.json');
  readonly python = join(this.directory, 'python');

  constructor(entry: string, interpreter: string) {
    const manifest: ServingManifest = { manifestVersion: MANIFEST_VERSION, entry };
    writeFileSync(this.manifest, JSON.stringify(manifest));
    this.usePython(interpreter);
  }

  /** From now on new workers run this interpreter; those that run keep theirs. */
  usePython(interpreter: string): void {
    const written = `${this.python}.new`;
    writeFileSync(written, `#!/bin/sh\nexec '${interpreter.replaceAll("'", "'\\''")}' "$@"\n`);
    chmodSync(written, 0o700);
    renameSync(written, this.python);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
