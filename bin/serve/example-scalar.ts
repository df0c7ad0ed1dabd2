/** Examples of single texts and numbers, within the bounds that a schema sets them. */

export interface TextSchema {
  readonly format?: string;
  readonly contentEncoding?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
}

export interface NumberSchema {
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
  readonly multipleOf?: number;
}

const FORMATS: { readonly [format: string]: string } = {
  'date-time': '2025-01-31T12:00:00Z',
  date: '2025-01-31',
  time: '12:00:00Z',
  duration: 'PT1H',
  uuid: '6f0f8b5e-7c1d-4a5b-9e53-0d6c2a1b3f47',
  email: 'name@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/',
};

/** `text` in base64. */
const ENCODED = 'dGV4dA==';

/** What patterns usually want a run of: words, digits, capitals. */
const CHARACTERS = ['a', '1', 'A'];
const LONGEST_RUN = 64;

export function exampleText(schema: TextSchema): string {
  if (schema.contentEncoding === 'base64') return ENCODED;
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY } = schema;
  const plain = (FORMATS[schema.format ?? ''] ?? 'text').padEnd(minLength, 'x').slice(0, maxLength);
  const fits = (text: string) =>
    matches(schema.pattern ?? '', text) && text.length >= minLength && text.length <= maxLength;
  return [plain, ...runs()].find(fits) ?? plain;
}

function* runs(): Generator<string> {
  for (let length = 1; length <= LONGEST_RUN; length += 1) {
    for (const character of CHARACTERS) yield character.repeat(length);
  }
}

/** A pattern of Python that JavaScript cannot read is the gateway's to refuse. */
function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch {
    return true;
  }
}

export function exampleNumber(schema: NumberSchema, allowsFractions: boolean): number {
  const step = schema.multipleOf ?? 1;
  const low = Math.max(schema.minimum ?? Number.NEGATIVE_INFINITY, schema.exclusiveMinimum ?? Number.NEGATIVE_INFINITY);
  const high = Math.min(
    schema.maximum ?? Number.POSITIVE_INFINITY,
    schema.exclusiveMaximum ?? Number.POSITIVE_INFINITY,
  );
  const steps = [
    Math.ceil(low / step),
    Math.floor(low / step) + 1,
    Math.floor(high / step),
    Math.ceil(high / step) - 1,
  ];
  const candidates = [1, ...steps.map((count) => count * step), low, high, (low + high) / 2];
  const fits = (value: number) =>
    Number.isFinite(value) && (allowsFractions || Number.isInteger(value)) && isWithin(schema, value);
  return candidates.find(fits) ?? 1;
}

function isWithin(schema: NumberSchema, value: number): boolean {
  const { minimum, exclusiveMinimum, maximum, exclusiveMaximum, multipleOf } = schema;
  return (
    value >= (minimum ?? value) &&
    value > (exclusiveMinimum ?? Number.NEGATIVE_INFINITY) &&
    value <= (maximum ?? value) &&
    value < (exclusiveMaximum ?? Number.POSITIVE_INFINITY) &&
    (multipleOf === undefined || Number.isInteger(value / multipleOf))
  );
}
