/** Finds the name that was probably meant. */

/** Two slips of the keyboard; short names allow one, or any two would be alike. */
const allowedSlips = (name: string) => (name.length <= 3 ? 1 : 2);

export function didYouMean(name: string, known: readonly string[]): string | undefined {
  const ranked = known.map((candidate) => ({
    candidate,
    slips: slipsBetween(name.toLowerCase(), candidate.toLowerCase()),
  }));
  const [best] = ranked.sort((a, b) => a.slips - b.slips);
  return best !== undefined && best.slips <= allowedSlips(name) ? best.candidate : undefined;
}

/** Levenshtein's distance, row by row. */
function slipsBetween(left: string, right: string): number {
  let above = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const substitution = (above[column - 1] as number) + (left[row - 1] === right[column - 1] ? 0 : 1);
      current.push(Math.min(substitution, (above[column] as number) + 1, (current[column - 1] as number) + 1));
    }
    above = current;
  }
  return above[right.length] as number;
}
