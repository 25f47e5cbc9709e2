/**
 * The candidate that a mistyped word was most likely meant to be, or undefined where none is near.
 * Capitals, underscores and dashes are the same; `within` edits are forgiven, by default one for every three characters
 * up to three.
 */
export function nearest(word: string, candidates: Iterable<string>, within = patience(word)): string | undefined {
  const typed = plain(word);
  let best: string | undefined;
  let bestDistance = within + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(typed, plain(candidate), bestDistance - 1);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/**
 * Damerau-Levenshtein distance (optimal string alignment): insertions, deletions, substitutions and swaps of neighbours
 * that lead from one word to the other; `most + 1` where it is more than `most`.
 */
export function editDistance(a: string, b: string, most = Math.max(a.length, b.length)): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let beforeLast: number[] = [];
  let leastBefore = 0;
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    // Further off the diagonal everything is more than `most`. A whole environment is compared at each start.
    const from = Math.max(1, row - most);
    const to = Math.min(b.length, row + most);
    const current: number[] = [];
    current[from - 1] = from === 1 ? row : most + 1;
    let least = at(current, from - 1);
    for (let column = from; column <= to; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (same ? 0 : 1));
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, at(beforeLast, column - 2) + 1);
      }
      current[column] = cost;
      least = Math.min(least, cost);
    }
    // A swap of neighbours builds on the row before the last.
    if (least > most && leastBefore >= most) return most + 1;
    leastBefore = least;
    [beforeLast, last] = [last, current];
  }
  return Math.min(at(last, b.length), most + 1);
}

function patience(word: string): number {
  return Math.min(3, Math.max(1, Math.floor(word.length / 3)));
}

function plain(word: string): string {
  return word.toLowerCase().replaceAll('_', '-');
}

function at(distances: readonly number[], index: number): number {
  return distances[index] ?? Number.POSITIVE_INFINITY;
}
