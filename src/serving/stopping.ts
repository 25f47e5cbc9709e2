import { failure, type Failure } from '../core/failures/errors.ts';

/** Why a signal ended the pass: its `reason` is `DeadlinePassed` or the name of a process signal. */
export function interruption(signal: AbortSignal, where: string, rest = ''): Failure {
  const code = signal.reason === 'DeadlinePassed' ? 'DeadlinePassed' : 'Interrupted';
  const why = code === 'DeadlinePassed' ? 'the deadline passed' : `stopped by ${String(signal.reason)}`;
  return failure(code, { where, why: why + rest });
}

const signals = new WeakMap<AbortSignal, AbortSignal>();

/** For requests under way: a process signal lets them finish, each within its own time limit; the deadline does not. */
export function abandonedBy(stop: AbortSignal): AbortSignal {
  const known = signals.get(stop);
  if (known !== undefined) return known;
  const controller = new AbortController();
  const judge = () => {
    if (stop.reason === 'DeadlinePassed') controller.abort('DeadlinePassed');
  };
  if (stop.aborted) judge();
  else stop.addEventListener('abort', judge, { once: true });
  signals.set(stop, controller.signal);
  return controller.signal;
}
