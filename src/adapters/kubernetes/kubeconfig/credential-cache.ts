import { isDeepStrictEqual } from 'node:util';
import { REREAD_AFTER_MS, type Connection, type Credentials } from '../connection.ts';

/** Credentials as they are now, and until when they hold where that is known. */
export type Obtained = { credentials: Credentials; expiresAtMs?: number };

/**
 * Obtains credentials.
 * @param isRefused the server did not take those of before: whatever else is cached is not to be used either.
 */
export type Obtain = (isRefused: boolean) => Promise<Obtained>;

/** Keeps what `obtain` gives for a minute or until it expires, and asks once for however many requests wait for it. */
export function rereadCredentials(obtain: Obtain, nowMs: () => number): Pick<Connection, 'credentials' | 'renewed'> {
  let current: Credentials | undefined;
  let freshUntilMs = Number.NEGATIVE_INFINITY;
  let pending: Promise<Credentials> | undefined;

  const adopt = ({ credentials, expiresAtMs }: Obtained): Credentials => {
    freshUntilMs = Math.min(nowMs() + REREAD_AFTER_MS, expiresAtMs ?? Number.POSITIVE_INFINITY);
    current = current === undefined ? credentials : unlessSame(current, credentials);
    return current;
  };
  const refreshed = (isRefused: boolean): Promise<Credentials> => {
    pending ??= obtain(isRefused)
      .then(adopt)
      .finally(() => {
        pending = undefined;
      });
    return pending;
  };
  return {
    credentials: () => (current !== undefined && nowMs() < freshUntilMs ? current : refreshed(false)),
    async renewed(refused) {
      const next = current === refused ? await refreshed(true) : current;
      return next === refused ? undefined : next;
    },
  };
}

/** The old objects for the same contents: connections are kept for as long as `tls` is the same object. */
function unlessSame(old: Credentials, read: Credentials): Credentials {
  const tls = isDeepStrictEqual(old.tls, read.tls) ? old.tls : read.tls;
  return tls === old.tls && isDeepStrictEqual(old.headers, read.headers) ? old : { ...read, tls };
}
