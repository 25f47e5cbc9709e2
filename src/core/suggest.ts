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
    const meant = plain(candidate);
    if (Math.abs(meant.length - typed.length) >= bestDistance) continue;
    const distance = editDistance(typed, meant);
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/**
 * Damerau-Levenshtein distance (optimal string alignment): insertions, deletions, substitutions and swaps of neighbours
 * that lead from one word to the other.
 */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (same ? 0 : 1));
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        cost = Math.min(cost, at(beforeLast, column - 2) + 1);
      }
      current.push(cost);
    }
    [beforeLast, last] = [last, current];
  }
  return at(last, b.length);
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
