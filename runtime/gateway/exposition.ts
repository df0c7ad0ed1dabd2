/** The text exposition format of Prometheus, version 0.0.4: families, samples, and how each part is escaped. */

export const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export interface Family {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
}

/** The rest of a sample's line after the family's name. */
export type Sample = string;

export function family({ name, type, help }: Family, samples: readonly Sample[]): string {
  const head = `# HELP ${name} ${escapedHelp(help)}\n# TYPE ${name} ${type}\n`;
  return `${head}${samples.map((line) => `${name}${line}\n`).join('')}`;
}

export function sample(suffix: string, labels: Readonly<Record<string, string>>, value: number): Sample {
  const pairs = Object.entries(labels).map(([name, text]) => `${name}="${escapedValue(text)}"`);
  return `${suffix}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`;
}

/** `counts` are of each bucket, the last one of what is above every bound. */
export function histogramSamples(
  labels: Readonly<Record<string, string>>,
  bounds: readonly number[],
  counts: ArrayLike<number>,
  sum: number,
): Sample[] {
  const samples: Sample[] = [];
  let below = 0;
  for (let bucket = 0; bucket < counts.length; bucket += 1) {
    below += counts[bucket] as number;
    samples.push(sample('_bucket', { ...labels, le: bucket < bounds.length ? String(bounds[bucket]) : '+Inf' }, below));
  }
  return [...samples, sample('_sum', labels, sum), sample('_count', labels, below)];
}

const escapedHelp = (text: string) => text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n');

const escapedValue = (text: string) => escapedHelp(text).replace(/"/g, '\\"');
