import { persistent, untried, type Trying } from '../api/attempts.ts';
import type { Machine } from '../api/machine.ts';
import type { ApiReply } from '../api/reply.ts';

/** A namespace whose secret is read, and then tried to be written; `read`: what the first was answered. */
export type Trial = { read?: ApiReply };

export type TrialEnd = { read: ApiReply; written: ApiReply };

/** Nothing has been asked yet. */
export function trial(): Trying<Trial> {
  return untried({});
}

/** Asks for both, one after the other, whatever the first is answered. */
export const tryOut: Machine<Trying<Trial>, 'read' | 'write', TrialEnd> = persistent<Trial, 'read' | 'write', TrialEnd>(
  (job, happened) => {
    if (happened[0] === 'go') return ['ask', job.read === undefined ? 'read' : 'write', job];
    const reply = happened[1];
    if (job.read === undefined) return ['ask', 'write', { read: reply }];
    return ['end', { read: job.read, written: reply }, job];
  },
);
