/**
 * What changed in a directory since it was last asked. A file that came and went is none of it: editors and `sed -i`
 * write a temporary one and rename it, and its end may be seen long after the rename.
 */
import { existsSync } from 'node:fs';
import { relative } from 'node:path';

export class Changes {
  /** Absolute, as all below. */
  private readonly files = new Set<string>();
  private readonly added = new Set<string>();
  /** Gone without having been told: neither is their end. */
  private readonly passing = new Set<string>();

  constructor(private readonly directory: string) {}

  add(event: string, path: string): void {
    const wasPassing = this.passing.delete(path);
    if (wasPassing && event === 'unlink') return;
    if (event === 'add') this.added.add(path);
    this.files.add(path);
  }

  /** Relative to the directory. */
  take(): string[] {
    for (const path of this.added) {
      if (existsSync(path)) continue;
      this.files.delete(path);
      this.passing.add(path);
    }
    const files = [...this.files].map((path) => relative(this.directory, path));
    this.added.clear();
    this.files.clear();
    return files;
  }
}
