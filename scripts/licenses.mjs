// The licence texts that a bundle must carry: one entry for each package whose code esbuild took in.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The text for the packages among a metafile's inputs; throws when one has no licence to show. */
export function licenses(root, metafile) {
  const packages = new Set(Object.keys(metafile.inputs).flatMap((input) => input.match(PACKAGE)?.[0] ?? []));
  return [...packages]
    .sort()
    .map((folder) => entry(join(root, folder)))
    .join('\n');
}

/** The innermost package folder of a path, scoped or not. */
const PACKAGE = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;

function entry(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (typeof license !== 'string') throw new Error(`${folder}: no licence in package.json, so it cannot be bundled`);
  const file = readdirSync(folder).find((candidate) => /^licen[cs]e/i.test(candidate));
  const text = file ? readFileSync(join(folder, file), 'utf8').trim() : 'No licence file in the package.';
  return `${'-'.repeat(80)}\n${name} ${version} (${license})\n\n${text}\n`;
}
