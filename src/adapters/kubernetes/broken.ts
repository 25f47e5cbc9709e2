import type { ApiBroken, BrokenCause } from '../../core/api/reply.ts';
import type { Exchange } from '../http/exchange.ts';
import { codeOf, messageOf } from '../http/network-error.ts';

/** A connection that failed in one of the ways `BrokenCause` lists. */
export function broken(cause: BrokenCause, message: string): ApiBroken {
  return { kind: 'broken', cause, message };
}

/** The value, or how its request broke, in words. */
export function valueOf<T>(outcome: Exchange<T>, timeoutMs: number): T | ApiBroken {
  switch (outcome.kind) {
    case 'done':
      return outcome.value;
    case 'failed':
      return brokenBy(outcome.error, outcome.wasMade);
    case 'stale':
      return broken('Interrupted', 'the server closed the connection before it answered');
    case 'unsendable':
      return broken('Unsendable', outcome.why);
    case 'late':
      return broken('TimedOut', `no complete answer within ${timeoutMs / 1000} s`);
    case 'aborted':
      return broken('Aborted', 'the server had not answered');
  }
}

/**
 * Tells from Node's error how a request broke.
 * @param wasMade whether there was a connection: a reset means another thing before one is made than after.
 */
export function brokenBy(error: Error, wasMade: boolean): ApiBroken {
  const code = codeOf(error);
  const message = messageOf(error);
  if (isTrustCode(code)) return broken('TlsUntrusted', message);
  return broken(wasMade && !connectCodes.has(code) ? 'Interrupted' : 'Unreachable', message);
}

/** What connecting fails with. `ETIMEDOUT` can also end a connection in use, where trying again is as right. */
const connectCodes = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'EADDRNOTAVAIL',
  'ETIMEDOUT',
  'ERR_PROXY_TUNNEL',
  'EPROTO',
]);

/** OpenSSL's verification errors as Node names them (`X509_V_ERR_*` without the prefix), and Node's own for the name. */
function isTrustCode(code: string): boolean {
  return (
    /^(?:CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|INVALID_(?:CA|PURPOSE)|ERROR_IN_CERT|PATH_LENGTH_EXCEEDED)/.test(
      code,
    ) ||
    code === 'ERR_TLS_CERT_ALTNAME_INVALID' ||
    code === 'HOSTNAME_MISMATCH'
  );
}
