/** What a process is told of the mutant that it is to load: the file by its URL, and what becomes of which text. */
export const variable = 'MUTANT';

export type Lent = { url: string; stands: string; becomes: string };

/** What a process has to inherit from this one to load the same mutant; nothing where this one loads none. */
export function sameMutant(): Record<string, string> {
  const { NODE_OPTIONS = '', [variable]: mutant } = process.env;
  return mutant === undefined ? {} : { NODE_OPTIONS, [variable]: mutant };
}
