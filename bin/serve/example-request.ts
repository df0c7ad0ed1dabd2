/** A request to try first: the model's first sample, else what its schema gives away. */
import type { ModelSample } from '../../lib/image/samples';
import { exampleValue } from './example-value';

/** Longer bodies wrap over half a screen, and are no help to read. */
const LONGEST_BODY = 600;

/** The body as JSON text. The samples are those that the handler takes. */
export function exampleBody(samples: readonly ModelSample[], input: object): string {
  const sample = samples.map((each) => JSON.stringify(each.input)).find((text) => text.length <= LONGEST_BODY);
  return sample ?? JSON.stringify(exampleValue(input) ?? {});
}

/** A command to paste into a shell. */
export function exampleCommand(url: string, body: string): string {
  return `curl ${url} -H 'content-type: application/json' -d ${quoted(body)}`;
}

/** One word of a shell's command line. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
