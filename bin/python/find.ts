/**
 * Finds a Python that can run the worker: 3.10 or newer, of the minor version that the model asks for when there is
 * one. Looks only at what is installed; never installs a Python.
 */
import { CommandFailure, EXIT } from '../failure';
import { type ModelDirectory, wantedPython } from '../model-directory';
import { run } from '../run';

export interface Python {
  /** The interpreter itself, not a shim that picks one by the current directory. */
  readonly executable: string;
  /** Such as `3.11.7`. */
  readonly version: string;
  /** Such as `3.11`. */
  readonly minor: string;
  /** Operating system, processor and C library: wheels of one do not run on another. */
  readonly platform: string;
}

const OLDEST_MINOR = '3.10';
/** Newest first: what to try by name where `python3` is too old. */
const MINORS = ['3.14', '3.13', '3.12', '3.11', '3.10'];

const DESCRIBE = `
import json, platform, sys, sysconfig
print(json.dumps([sys.executable, platform.python_version(), sysconfig.get_platform() + "-" + platform.libc_ver()[0]]))
`;

/** The best Python for the model; fails with how to install one. */
export async function findPython(model: ModelDirectory, signal?: AbortSignal): Promise<Python> {
  const wanted = wantedPython(model);
  const found: Python[] = [];
  for (const name of candidates(wanted)) {
    const python = (await describe(name, model.path, signal)) ?? (await describe(name, undefined, signal));
    if (!python) continue;
    if (python.minor === wanted || (!wanted && isNewEnough(python))) return python;
    found.push(python);
  }
  const usable = found.find(isNewEnough);
  if (usable) return usable;
  throw noPython(found[0], wanted);
}

function candidates(wanted: string | undefined): string[] {
  const preferred = wanted ? [`python${wanted}`] : [];
  return [...preferred, 'python3', 'python', ...MINORS.map((minor) => `python${minor}`)];
}

/** Version managers pick by the current directory: the model's own choice first. */
async function describe(name: string, cwd: string | undefined, signal?: AbortSignal): Promise<Python | undefined> {
  const { ok, stdout } = await run(name, ['-c', DESCRIBE], { cwd, signal });
  if (!ok) return undefined;
  // Whatever a site's start-up file prints comes before it.
  const [executable, version, platform] = JSON.parse(stdout.trim().split('\n').at(-1) as string);
  return { executable, version, minor: version.split('.', 2).join('.'), platform };
}

function isNewEnough(python: Python): boolean {
  const [major, minor] = python.minor.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_MINOR.split('.').map(Number);
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

function noPython(old: Python | undefined, wanted: string | undefined): CommandFailure {
  const install = wanted ?? '3.12';
  const why = old ? `${old.executable} is Python ${old.version}` : 'there is no python3 on the PATH';
  return new CommandFailure(
    'python_missing',
    EXIT.handlerNotLoaded,
    `Python ${OLDEST_MINOR} or newer is needed: ${why}.`,
    {
      hint: `Install it: "uv python install ${install}", "brew install python@${install}", "apt install python3 python3-venv", or from python.org.`,
    },
  );
}
