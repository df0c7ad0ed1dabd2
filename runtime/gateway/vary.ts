/**
 * The headers that an answer has from two sides: what is said of every answer to a call, and what the answer says itself.
 * The answer has its say, except on `Vary`: a cache has to tell answers apart by what either side looked at.
 */
export type Headers = Readonly<Record<string, string>>;

export function joinHeaders(every: Headers | undefined, own: Headers | undefined): Headers {
  if (every === undefined || own === undefined) return every ?? own ?? NONE;
  if (every.Vary === undefined || own.Vary === undefined) return { ...every, ...own };
  return { ...every, ...own, Vary: `${every.Vary}, ${own.Vary}` };
}

const NONE: Headers = {};
