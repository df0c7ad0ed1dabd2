/**
 * Host names as listener rules have them: `*` stands for any characters, `?` for one, case does not count. No host is
 * every host.
 */

/** What ALB takes as the host of a rule. */
const MAX_HOST_LENGTH = 128;
const HOST = /^[A-Za-z0-9*?.-]*\.[A-Za-z0-9*?.-]*$/;

export function isHost(host: string): boolean {
  return host.length <= MAX_HOST_LENGTH && HOST.test(host) && !/^\.|\.\.|\.$/.test(host);
}

/** Whether a host is one name and no pattern. */
export function isName(host: string | undefined): host is string {
  return host !== undefined && !/[*?]/.test(host);
}

/** Whether every name of the narrow pattern is one of the wide pattern's. */
export function holds(wide: string | undefined, narrow: string | undefined): boolean {
  if (wide === undefined) return true;
  if (narrow === undefined) return wide === '*';
  const pattern = wide.toLowerCase().split('').map(asExpression).join('');
  return new RegExp(`^${pattern}$`).test(narrow.toLowerCase());
}

/** A `*` of the narrow pattern is a character like another, which only a `*` of the wide one takes in. */
function asExpression(character: string): string {
  if (character === '*') return '.*';
  return character === '?' ? '[^*]' : character.replace(/[.]/, '\\.');
}

/** Whether some name fits both patterns. */
export function meet(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return true;
  return meetFrom([...one.toLowerCase()], [...other.toLowerCase()]);
}

function meetFrom([first, ...rest]: string[], [head, ...tail]: string[]): boolean {
  if (first === undefined && head === undefined) return true;
  const other = [head, ...tail].filter((character) => character !== undefined);
  // A star is nothing, or takes one more character of the other pattern.
  if (first === '*') return meetFrom(rest, other) || (head !== undefined && meetFrom([first, ...rest], tail));
  if (head === '*')
    return meetFrom(
      other,
      [first, ...rest].filter((character) => character !== undefined),
    );
  if (first === undefined || head === undefined) return false;
  return (first === head || first === '?' || head === '?') && meetFrom(rest, tail);
}
