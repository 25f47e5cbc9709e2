import { offerFor, type Candidate, type Offer } from '../config/candidates.ts';
import type { ExitCode } from '../core/failures/errors.ts';
import { offered, type SafeText, type Sink } from '../core/text/sink.ts';

/** Names of things, as far as they can be had in the time that somebody waits for a shell; none where they cannot. */
export type CompleteDeps = {
  sink: Sink;
  readonly write: (text: SafeText) => Promise<void>;
  readonly namesOf: (kind: 'contexts' | 'namespaces' | 'pods') => Promise<readonly string[]>;
};

/**
 * Says what may stand at the end of a command line, for the script of a shell or for kubectl.
 * @param words without the program; the last is unfinished.
 * @returns 0: who presses Tab is not to be told of trouble.
 */
export async function complete(words: readonly string[], deps: CompleteDeps): Promise<ExitCode> {
  const { offer, begun } = offerFor(words);
  const candidates = await candidatesOf(offer, deps);
  const fitting = candidates.filter(({ value }) => value.startsWith(begun));
  await deps.write(offered(deps.sink, fitting, offer.kind === 'files'));
  return 0;
}

async function candidatesOf(offer: Offer, { namesOf }: CompleteDeps): Promise<readonly Candidate[]> {
  switch (offer.kind) {
    case 'known':
      return offer.candidates;
    case 'files':
      return [];
    case 'contexts':
    case 'namespaces':
    case 'pods':
      return (await namesOf(offer.kind)).map((value) => ({ value, about: '' }));
  }
}
