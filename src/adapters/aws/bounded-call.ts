/**
 * Makes a call of the SDK that ends when `signal` aborts or after `limitMs`, whatever the SDK is waiting for: its
 * credential chain takes no signal, and a retry waits on.
 * @throws what the call throws; the signal's reason where that is an error, else an `AbortError`; a `TimeoutError`.
 */
export async function bounded<T>(
  send: (signal: AbortSignal) => Promise<T>,
  limitMs: number,
  signal: AbortSignal,
): Promise<T> {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(timedOut(limitMs)), limitMs);
  const either = AbortSignal.any([signal, limit.signal]);
  const ended = Promise.withResolvers<never>();
  either.addEventListener('abort', () => ended.reject(reasonOf(either)), { once: true });
  try {
    either.throwIfAborted();
    return await Promise.race([send(either), ended.promise]);
  } catch (error) {
    // The SDK's own word for an abort does not say whose it was.
    throw either.aborted ? reasonOf(either) : error;
  } finally {
    clearTimeout(timer);
  }
}

function timedOut(limitMs: number): Error {
  return Object.assign(new Error(`no answer within ${limitMs / 1000} s`), { name: 'TimeoutError', code: 'ETIMEDOUT' });
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new DOMException('The call was stopped', 'AbortError');
}
