import type { Moment } from '../core/api/machine.ts';
import type { Clock } from '../ports.ts';

/** The present moment by both clocks. */
export function momentOf(clock: Pick<Clock, 'nowMs' | 'steadyMs'>): Moment {
  return { wallMs: clock.nowMs(), steadyMs: clock.steadyMs() };
}
