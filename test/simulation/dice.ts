/** Reproducible chance: the same seed gives the same throws. */
export type Dice = {
  /** Uniform in [0, 1). */
  chance: () => number;
  /** True so often. */
  happens(probability: number): boolean;
  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number;
  /** One of them; undefined where there is none. */
  pick<T>(from: readonly T[]): T | undefined;
  /** Other dice that depend on these alone, so that what one part throws does not change another's. */
  fork(): Dice;
};

/** Mulberry32: small, fast, good enough to make trouble. */
export function dice(seed: number): Dice {
  let state = seed >>> 0;
  const chance = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    chance,
    happens: (probability) => chance() < probability,
    between: (least, most) => least + Math.floor(chance() * (most - least + 1)),
    pick: (from) => from[Math.floor(chance() * from.length)],
    fork: () => dice(Math.floor(chance() * 4_294_967_296)),
  };
}
