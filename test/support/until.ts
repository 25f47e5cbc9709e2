const EVERY_MS = 10;
const LIMIT_MS = 30_000;

/**
 * Waits until `condition` gives something that is neither false nor undefined, which it returns.
 * @param what is waited for, for the error.
 * @throws where it takes too long.
 */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  limitMs = LIMIT_MS,
): Promise<Exclude<T, false | undefined>> {
  const endMs = Date.now() + limitMs;
  for (;;) {
    const value = await condition();
    // What is left of T, since the others are excluded here.
    if (value !== false && value !== undefined) return value as Exclude<T, false | undefined>;
    if (Date.now() > endMs) throw new Error(`${what}: not within ${limitMs / 1000} s`);
    // What other processes do tells nobody here; asking again is all there is.
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
}
