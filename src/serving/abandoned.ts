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
