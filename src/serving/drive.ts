import { askingOnce, persistent, untried } from '../core/api/attempts.ts';
import type { Happened, Machine } from '../core/api/machine.ts';
import type { ApiReply } from '../core/api/reply.ts';
import type { Clock, Random } from '../ports.ts';
import { momentOf } from './moment.ts';

export type Driving = { clock: Clock; random: Random };

/** How a machine that was driven by itself ended; `stopped`: something else than an answer ended it. */
export type Driven<Job, End> = { stopped: false; end: End } | { stopped: true; reply: ApiReply; job: Job };

/**
 * Runs one machine to its end, for what stands in no queue: a page of a list, a question of doctor's.
 * @param stop ends waiting; a request under way ends as `ask` has it.
 */
export async function drive<Job, Request, End>(
  machine: Machine<Job, Request, End>,
  begun: Job,
  ask: (request: Request) => Promise<ApiReply>,
  { clock, random }: Driving,
  stop: AbortSignal,
): Promise<Driven<Job, End>> {
  let happened: Happened = ['go'];
  for (let job = begun; ;) {
    const step = machine(job, happened, momentOf(clock), random());
    if (step[0] === 'end') return { stopped: false, end: step[1] };
    job = step[2];
    if (step[0] === 'ask') {
      happened = ['answered', await ask(step[1])];
      const [, reply] = happened;
      if (stop.aborted && reply.kind === 'broken' && reply.cause === 'Aborted') return { stopped: true, reply, job };
      continue;
    }
    await clock.sleep(step[1] - clock.steadyMs(), stop);
    if (stop.aborted && happened[0] === 'answered') return { stopped: true, reply: happened[1], job };
    happened = ['go'];
  }
}

/** Makes one request until it is answered for good; where `stop` ended that, the last answer there was. */
export async function answered(request: () => Promise<ApiReply>, deps: Driving, stop: AbortSignal): Promise<ApiReply> {
  const once = persistent<undefined, undefined, ApiReply>(askingOnce);
  const driven = await drive(once, untried(undefined), request, deps, stop);
  return driven.stopped ? driven.reply : driven.end;
}
