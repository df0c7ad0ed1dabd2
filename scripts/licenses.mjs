// The licence texts that a bundle must carry: every package whose code esbuild took in, under its text. Packages that
// share a text to the letter share an entry.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The innermost package folder of a path, scoped or not. */
const PACKAGE = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/;

/** The text for the packages among a metafile's inputs; throws when one has no licence to show. */
export function licenses(root, metafile) {
  const folders = new Set(Object.keys(metafile.inputs).flatMap((input) => input.match(PACKAGE)?.[0] ?? []));
  const packagesByText = new Map();
  for (const folder of [...folders].sort()) {
    const { name, text } = read(join(root, folder));
    packagesByText.set(text, [...(packagesByText.get(text) ?? []), name]);
  }
  return [...packagesByText].map(([text, names]) => `${names.join('\n')}\n\n${text}\n`).join(`\n${'-'.repeat(80)}\n`);
}

function read(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (typeof license !== 'string') throw new Error(`${folder}: no licence in package.json, so it cannot be bundled`);
  const file = readdirSync(folder).find((candidate) => /^licen[cs]e/i.test(candidate));
  const text = file ? readFileSync(join(folder, file), 'utf8').trim() : 'No licence file in the package.';
  return { name: `${name} ${version} (${license})`, text };
}
