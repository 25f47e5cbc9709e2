import type { ApiReply } from './reply.ts';

/** The same moment by two clocks: one that is set now and then, and one that never jumps. Milliseconds. */
export type Moment = { wallMs: number; steadyMs: number };

/** What a machine is told: to go on, at the beginning or after a wait, or what its request was answered with. */
export type Happened = ['go'] | ['answered', ApiReply];

/** What a machine wants next, and the job as it is by then. */
export type Step<Job, Request, End> =
  | ['ask', Request, Job]
  /** Not before then, by the steady clock. */
  | ['wait', number, Job]
  | ['end', End, Job];

/**
 * Work on one thing, without hands: it answers what happened with one request to make, a time to wait until, or how it
 * ended. All that it knows is in the job. Pure and synchronous, so that whoever has the hands may serve many at once.
 * @param chance uniform in [0, 1).
 */
export type Machine<Job, Request, End> = (
  job: Job,
  happened: Happened,
  now: Moment,
  chance: number,
) => Step<Job, Request, End>;

/**
 * The same machine, which ends where it throws: what is odd about one thing is no concern of the others.
 * @param endOf what has happened to the job then.
 */
export function contained<Job, Request, End>(
  machine: Machine<Job, Request, End>,
  endOf: (job: Job, bug: unknown) => End,
): Machine<Job, Request, End> {
  return (job, happened, now, chance) => {
    try {
      return machine(job, happened, now, chance);
    } catch (bug) {
      return ['end', endOf(job, bug), job];
    }
  };
}

/** The same step of a machine that is part of another: with its job, and its end, as the whole has them. */
export function partOf<Part, PartEnd, Job, Request, End>(
  step: Step<Part, Request, PartEnd>,
  jobOf: (part: Part) => Job,
  endOf: (end: PartEnd) => End,
): Step<Job, Request, End> {
  const job = jobOf(step[2]);
  if (step[0] === 'end') return ['end', endOf(step[1]), job];
  return step[0] === 'ask' ? ['ask', step[1], job] : ['wait', step[1], job];
}
