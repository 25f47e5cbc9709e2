import type { Happened, Machine, Step } from './machine.ts';
import { retryAfterMs, type ApiReply } from './reply.ts';
import { isTransient, maxAttempts, retryDelayMs } from './retry.ts';

/** A job whose request may be made more than once. */
export type Trying<Job> = {
  job: Job;
  /** At the present request, so far. */
  attempts: number;
  /** What the last one that failed was answered with. */
  last?: ApiReply;
};

/** Nothing has been tried yet. */
export function untried<Job>(job: Job): Trying<Job> {
  return { job, attempts: 0 };
}

/**
 * The same machine, told only of what its requests are answered for good: what may go better a moment later is asked for
 * again, as often as `maxAttempts`. Before each attempt the machine says anew what it asks for.
 */
export function persistent<Job, Request, End>(machine: Machine<Job, Request, End>): Machine<Trying<Job>, Request, End> {
  return (trying, happened, now, chance) => {
    const attempts = trying.attempts + 1;
    if (happened[0] === 'answered' && isTransient(happened[1]) && attempts < maxAttempts) {
      const dueMs = now.steadyMs + retryDelayMs(attempts, retryAfterMs(happened[1]), chance);
      return ['wait', dueMs, { job: trying.job, attempts, last: happened[1] }];
    }
    const step = machine(trying.job, happened, now, chance);
    const next = happened[0] === 'go' ? { ...trying, job: step[2] } : untried(step[2]);
    if (step[0] === 'end') return ['end', step[1], next];
    return step[0] === 'ask' ? ['ask', step[1], next] : ['wait', step[1], next];
  };
}

/** A machine of one request, the job, which ends with what that is answered. */
export function askingOnce<Request>(job: Request, happened: Happened): Step<Request, Request, ApiReply> {
  return happened[0] === 'go' ? ['ask', job, job] : ['end', happened[1], job];
}
