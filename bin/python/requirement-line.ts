/**
 * Finds the line of the user's file that an installer complains about. pip names the line only when it cannot parse
 * it; for the rest the package's name in the complaint has to be found again.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface RequirementLine {
  /** Absolute. */
  readonly file: string;
  readonly line: number;
}

export function blamedRequirement(
  directory: string,
  files: readonly string[],
  complaint: string,
): RequirementLine | undefined {
  return namedLine(directory, files, complaint) ?? lineOfNamedPackage(directory, files, complaint);
}

/** pip: `Invalid requirement: ... (from line 3 of requirements.txt)`; uv: `... at requirements.txt:3:1`. */
function namedLine(directory: string, files: readonly string[], complaint: string): RequirementLine | undefined {
  for (const file of files) {
    const name = file.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const match = new RegExp(`line (\\d+) of \\S*?${name}|${name}[\`'"]?:(\\d+)`).exec(complaint);
    if (match) return { file: join(directory, file), line: Number(match[1] ?? match[2]) };
  }
  return undefined;
}

function lineOfNamedPackage(
  directory: string,
  files: readonly string[],
  complaint: string,
): RequirementLine | undefined {
  const blamed = errorLines(complaint);
  for (const file of files) {
    const lines = readFileSync(join(directory, file), 'utf8').split('\n');
    const index = lines.findIndex((line) => names(blamed, packageName(line)));
    if (index >= 0) return { file: join(directory, file), line: index + 1 };
  }
  return undefined;
}

/** What comes before the first error is progress, and names packages that are innocent. */
function errorLines(complaint: string): string {
  const start = complaint.search(/^\s*(ERROR|error|×)/m);
  return normalized(complaint.slice(Math.max(0, start)));
}

function packageName(line: string): string | undefined {
  return /^[A-Za-z0-9][A-Za-z0-9._-]*/.exec(line.trim())?.[0];
}

function names(complaint: string, name: string | undefined): boolean {
  if (!name) return false;
  return new RegExp(`(^|[^a-z0-9-])${normalized(name)}($|[^a-z0-9-])`, 'm').test(complaint);
}

/** Package names compare without case, and `_`, `.` and `-` are the same. */
function normalized(text: string): string {
  return text.toLowerCase().replace(/[._]/g, '-');
}
