/** Says when this machine's Python is of another minor version than the image's: what works here may fail there. */
import { DEFAULT_PYTHON_VERSION } from '../../lib/image/python-version';
import { type ModelDirectory, wantedPython } from '../model-directory';
import { run } from '../run';
import type { Terminal } from '../ui/terminal';

/** `version` is the one that serves here, such as `3.11.7`. */
export async function warnOfOtherPython(model: ModelDirectory, version: string, terminal: Terminal): Promise<void> {
  const minor = version.split('.', 2).join('.');
  const wanted = wantedPython(model);
  const image = wanted ?? DEFAULT_PYTHON_VERSION;
  if (image === minor) return;
  const fix = wanted ? `To try the same here, ${await installation(wanted)}` : writing(minor, image);
  terminal.warn(`The image will run Python ${image}, and this is Python ${version}.`, fix);
}

function writing(minor: string, image: string): string {
  return `Write ${minor} into .python-version to keep to this one, or ${image} to use that one here too.`;
}

async function installation(minor: string): Promise<string> {
  const hasUv = (await run('uv', ['--version'])).ok;
  return `install it: ${hasUv ? `uv python install ${minor}` : `from python.org, or by your system's package manager`}`;
}
