import { TLSSocket } from 'node:tls';
import type { Socket } from 'node:net';
import type { ApiBroken, BrokenCause } from '../../core/api/reply.ts';

/** A connection that failed in one of the ways `BrokenCause` lists. */
export function broken(cause: BrokenCause, message: string): ApiBroken {
  return { kind: 'broken', cause, message };
}

/**
 * Tells from Node's error how a request broke.
 * @param socket the request's, where it got one: a reset means another thing before the connection is made than after.
 */
export function brokenBy(error: Error, socket: Socket | null | undefined): ApiBroken {
  const code = codeOf(error);
  const message = messageOf(error, code);
  if (isTrustCode(code)) return broken('TlsUntrusted', message);
  const wasMade = socket instanceof TLSSocket ? !isHandshaking(socket) : socket !== null && socket !== undefined;
  return broken(wasMade && !connectCodes.has(code) ? 'Interrupted' : 'Unreachable', message);
}

/** Node's code of an error: `ECONNRESET`, `ERR_TLS_CERT_ALTNAME_INVALID`. */
export function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
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

function isHandshaking(socket: TLSSocket): boolean {
  // Node keeps this undocumented flag on every TLS socket until its handshake is over; nothing documented tells.
  return 'secureConnecting' in socket && socket.secureConnecting === true;
}

/** A host with several addresses fails with an AggregateError, whose own message is empty. */
function messageOf(error: Error, code: string): string {
  if (!(error instanceof AggregateError) || error.message !== '') return error.message || code;
  return error.errors.map((each: unknown) => (each instanceof Error ? each.message : String(each))).join('; ');
}
