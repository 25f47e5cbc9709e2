const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
] as const;

/** A length of time for people, in its two largest units: `1 d 2 h`, `7 min`, `0 s`. Negative ones lose their sign. */
export function durationInWords(lengthMs: number): string {
  let restMs = Math.floor(Math.abs(lengthMs) / 1000) * 1000;
  const parts: string[] = [];
  for (const [unit, unitMs] of units) {
    const amount = Math.floor(restMs / unitMs);
    restMs -= amount * unitMs;
    if (amount > 0) parts.push(`${amount} ${unit}`);
    else if (parts.length > 0) break;
    if (parts.length === 2) break;
  }
  return parts.length === 0 ? '0 s' : parts.join(' ');
}

/** The first few of a list, and how many more there are. */
export function few(names: readonly string[], shown = 5): string {
  if (names.length <= shown) return names.join(', ');
  return `${names.slice(0, shown).join(', ')} and ${names.length - shown} more`;
}
