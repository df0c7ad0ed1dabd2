/** Machines as users have them: which Pythons and tools are on the PATH, and wheels that need no index. */
import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../command';

const DESCRIBE = 'import sys; print(sys.executable, "%d.%d" % sys.version_info[:2])';

/** The Python that the tests run with. */
export const [REAL_PYTHON, REAL_MINOR] = execFileSync('python3', ['-c', DESCRIBE], { encoding: 'utf8' })
  .trim()
  .split(' ');

/** A PATH with these commands alone, each given as the body of a shell script. */
export function pathWith(commands: Record<string, string>): string {
  const folder = temporaryFolder();
  for (const [name, body] of Object.entries(commands)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  return folder;
}

/** The body of a command that is another program. */
export function program(path: string): string {
  return `exec ${path} "$@"`;
}

/** The body of a program that is Python of some version, as far as anybody asks. */
export function pythonThatSays(version: string): string {
  return `echo '["/opt/python", "${version}", "linux-x86_64-glibc"]'`;
}

const MAKE_WHEEL = `
import sys, zipfile
file, name, text = sys.argv[1:]
info = f"{name}-1.0.dist-info"
member = zipfile.ZipInfo  # without a time: the same text is the same wheel
with zipfile.ZipFile(file, "w") as wheel:
    wheel.writestr(member(f"{name}.py"), f"TEXT = {text!r}")
    wheel.writestr(member(f"{info}/METADATA"), f"Metadata-Version: 2.1\\nName: {name}\\nVersion: 1.0\\n")
    wheel.writestr(member(f"{info}/WHEEL"), "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
    wheel.writestr(member(f"{info}/RECORD"), "")
`;

/** Puts a package `greeting` with this text into the directory; returns the line that requires it. */
export function writeWheel(directory: string, text: string): string {
  const file = 'greeting-1.0-py3-none-any.whl';
  execFileSync(REAL_PYTHON, ['-c', MAKE_WHEEL, join(directory, file), 'greeting', text]);
  return `./${file}\n`;
}
