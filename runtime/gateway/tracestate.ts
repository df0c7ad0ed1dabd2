/**
 * The header `tracestate` of W3C Trace Context, level 2: what tracing systems along the way have noted, newest first. It
 * is passed on as it came, or dropped as a whole when it breaks the rules; a long one loses whole members.
 */

const MOST_MEMBERS = 32;

/** What has to be passed on at least; more is cut off, since it goes to the worker with every request. */
const LONGEST = 512;

/** Where something must go, members longer than this go first. */
const LONG_MEMBER = 128;

const MEMBER = /^([a-z\d][a-z\d_*/@-]{0,255})=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

export function validTracestate(header: string): string | undefined {
  // Empty members are allowed.
  const members = header.split(',').map(withoutBlanks).filter(Boolean);
  if (members.length === 0 || members.length > MOST_MEMBERS) return undefined;
  const keys = members.map((member) => MEMBER.exec(member)?.[1]);
  if (keys.includes(undefined) || new Set(keys).size < keys.length) return undefined;
  return shortened(members);
}

const withoutBlanks = (member: string) => member.replace(/^[ \t]+|[ \t]+$/g, '');

function shortened(members: string[]): string | undefined {
  let kept = members;
  while (lengthOf(kept) > LONGEST) {
    const dropped = kept.filter(({ length }) => length > LONG_MEMBER).at(-1) ?? kept.at(-1);
    kept = kept.filter((member) => member !== dropped);
  }
  return kept.length > 0 ? kept.join(',') : undefined;
}

const lengthOf = (members: readonly string[]) => members.reduce((sum, { length }) => sum + length + 1, -1);
