/** A remedy of a table, taken apart: what to do in words, and what to type. */
export type Remedy = { words: string; command?: string };

/** The programs that a remedy may have somebody type. */
const command = /^(?<words>.*?)(?:^|: )(?<command>(?:kubectl|aws|echo|helm|ecr-cred-helper) .+)$/s;

/**
 * Takes a remedy apart. By a rule that holds for every row of every table a command stands last, behind a colon, and is
 * complete: what is pasted has no words around it.
 */
export function remedyParts(fix: string): Remedy {
  const parts = command.exec(fix)?.groups;
  if (parts?.['command'] === undefined) return { words: fix };
  return { words: parts['words'] ?? '', command: parts['command'] };
}
