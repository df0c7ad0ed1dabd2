/**
 * Host names as listener rules have them: `*` stands for any characters, `?` for one, case does not count. No host is
 * every host.
 */

/** What ALB takes as the host of a rule; letters alone after the last point, so that no address is one. */
const MAX_HOST_LENGTH = 128;
const HOST = /^[A-Za-z0-9_*?-]+(\.[A-Za-z0-9_*?-]+)*\.[A-Za-z]+$/;
/** Six in a rule, and its path has one. */
const MAX_WILDCARDS = 5;

/** What `isHost` takes, in messages. */
export const HOST_FORM = `a name that is known at synth, of letters, digits, -, _ and . with * and ? as wildcards (at most ${MAX_WILDCARDS}), and letters alone after the last ., such as 'iris.example.com'`;

export function isHost(host: string): boolean {
  return host.length <= MAX_HOST_LENGTH && HOST.test(host) && (host.match(/[*?]/g) ?? []).length <= MAX_WILDCARDS;
}

/** What DNS and certificates take: labels that neither start nor end with a hyphen. */
const DOMAIN_NAME = /^([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$/;

export function isDomainName(name: string): boolean {
  return isHost(name) && DOMAIN_NAME.test(name);
}

/** Whether a host is one name and no pattern. */
export function isName(host: string | undefined): host is string {
  return host !== undefined && !/[*?]/.test(host);
}

/** Whether every name of the narrow pattern is one of the wide pattern's. */
export function holds(wide: string | undefined, narrow: string | undefined): boolean {
  if (wide === undefined) return true;
  return narrow !== undefined && judge(wide, narrow, endingHolds);
}

/** Whether some name fits both patterns. */
export function meet(one: string | undefined, other: string | undefined): boolean {
  return one === undefined || other === undefined || judge(one, other, endingsMeet);
}

/** Judges what is left of two patterns, and `rest` what is left then. */
type Judgement = (one: string, other: string, rest: (one: string, other: string) => boolean) => boolean;

/** Each pair of endings is judged once: stars let one be reached in so many ways that trying each would never end. */
function judge(one: string, other: string, judgement: Judgement): boolean {
  const judged = new Map<string, boolean>();
  const rest = (ending: string, otherEnding: string): boolean => {
    const pair = `${ending} ${otherEnding}`;
    const result = judged.get(pair) ?? judgement(ending, otherEnding, rest);
    judged.set(pair, result);
    return result;
  };
  return rest(one.toLowerCase(), other.toLowerCase());
}

/** A `*` of the narrow pattern is a character like another, which only a `*` of the wide one takes in. */
const endingHolds: Judgement = (wide, narrow, rest) => {
  const [first, head] = [wide[0], narrow[0]];
  if (first === '*') return rest(wide.slice(1), narrow) || (head !== undefined && rest(wide, narrow.slice(1)));
  if (first === undefined || head === undefined) return first === head;
  return (first === head || (first === '?' && head !== '*')) && rest(wide.slice(1), narrow.slice(1));
};

/** A star is nothing, or takes one more character of the other pattern. */
const endingsMeet: Judgement = (one, other, rest) => {
  const [first, head] = [one[0], other[0]];
  if (first === '*') return rest(one.slice(1), other) || (head !== undefined && rest(one, other.slice(1)));
  if (head === '*') return rest(other, one);
  if (first === undefined || head === undefined) return first === head;
  return (first === head || first === '?' || head === '?') && rest(one.slice(1), other.slice(1));
};
