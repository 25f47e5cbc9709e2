import * as fc from 'fast-check';

/** A parser of what comes from outside, held to a model of what is right. */
export type Parser = {
  name: string;
  /**
   * @returns how many were drawn.
   * @throws where the parser is wrong about one of them.
   */
  readonly check: (parameters: fc.Parameters<unknown>) => Promise<number>;
};

/** @param fixed what once failed. */
export function parser<T>(
  name: string,
  drawn: fc.Arbitrary<T>,
  fixed: readonly T[],
  holds: (value: T) => void | Promise<void>,
): Parser {
  return {
    name,
    async check(parameters) {
      let runs = 0;
      for (const value of fixed) await holds(value);
      await fc.assert(
        fc.asyncProperty(drawn, async (value) => {
          runs += 1;
          await holds(value);
        }),
        parameters as fc.Parameters<[T]>, // without examples, which are kept here
      );
      return runs;
    },
  };
}
