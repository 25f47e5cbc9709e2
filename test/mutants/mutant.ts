/** A decision of the program, and what it is when it is turned round. */
export type Decision = {
  /** What is promised by it, and does not hold any more. */
  breaks: string;
  /** The text that stands in the file, once. */
  stands: string;
  becomes: string;
  /** Where others than those of the file see it; see `Mutated`. */
  seenBy?: readonly string[];
};

/** A file of the program and its decisions. */
export type Mutated = {
  /** From `src/`. */
  file: string;
  /**
   * The tests that could see it, in the order in which they are run: `core/secret/token` is a file of `test/`, and
   * `process: two of them` those of its tests whose names match.
   */
  seenBy: readonly string[];
  decisions: readonly Decision[];
};

export type Mutant = Required<Decision> & { file: string };

/** Each decision by itself. */
export function mutantsOf(table: readonly Mutated[]): Mutant[] {
  return table.flatMap(({ file, seenBy, decisions }) => decisions.map((decision) => ({ seenBy, ...decision, file })));
}

/** Why a mutant is none; undefined where it is one. */
export function flawOf({ stands, becomes }: Mutant, source: string): string | undefined {
  const times = source.split(stands).length - 1;
  if (times === 0) return `its text is not found any more: ${stands}`;
  if (times > 1) return `its text stands there ${times} times: ${stands}`;
  return stands === becomes ? 'it changes nothing' : undefined;
}
