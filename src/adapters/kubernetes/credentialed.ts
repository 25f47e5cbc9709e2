import { apiStatus, whyNot, type ApiAnswer, type ApiReply } from '../../core/api/reply.ts';
import type { HttpAnswer } from '../http/answering.ts';
import { broken } from './broken.ts';
import type { Connection, Credentials } from './connection.ts';

/** An answer whose body is still to come. */
export type OpenStream = { kind: 'stream'; answer: HttpAnswer };

/**
 * Sends with the connection's credentials, and once more with renewed ones where the server does not take them or its
 * certificate is not trusted: tokens and CAs rotate on disk. Never rejects.
 */
export async function withCredentials<T extends ApiReply | OpenStream>(
  connection: Connection,
  signal: AbortSignal,
  send: (credentials: Credentials) => Promise<T>,
): Promise<T | ApiReply> {
  const used = await obtained(() => connection.credentials(), connection, signal);
  if (!used.ok) return used.why;
  const reply = await send(used.value);
  if (connection.anonymous !== undefined && isOfNobody(reply)) {
    return broken(
      'CredentialsFailed',
      `none were sent, as ${connection.anonymous}, and the server says ${whyNot(reply)}`,
    );
  }
  if (!isRefusal(reply)) return reply;
  const other = await obtained(() => connection.renewed(used.value), connection, signal);
  return other.ok && other.value !== undefined ? send(other.value) : reply;
}

/** The server wants to know who asks, and nobody has said it. */
function isOfNobody(reply: ApiReply | OpenStream): reply is ApiAnswer {
  if (reply.kind !== 'answer') return false;
  return reply.status === 401 || (reply.status === 403 && apiStatus(reply.body).message.includes('"system:anonymous"'));
}

function isRefusal(reply: ApiReply | OpenStream): boolean {
  if (reply.kind === 'answer') return reply.status === 401;
  return reply.kind === 'broken' && reply.cause === 'TlsUntrusted';
}

type Obtained<T> = { ok: true; value: T } | { ok: false; why: ApiReply };

async function obtained<T>(
  obtain: () => T | Promise<T>,
  { issuer = 'what issues the credentials' }: Connection,
  signal: AbortSignal,
): Promise<Obtained<T>> {
  try {
    const pending = obtain();
    const value = pending instanceof Promise ? await unlessAborted(pending, signal) : pending;
    return { ok: true, value };
  } catch (error) {
    const isLate = signal.reason === 'DeadlinePassed';
    if (signal.aborted) {
      return { ok: false, why: broken(isLate ? 'CredentialsFailed' : 'Aborted', `${issuer} had not answered`) };
    }
    return { ok: false, why: broken('CredentialsFailed', error instanceof Error ? error.message : String(error)) };
  }
}

/** A plugin may wait for a person; whoever asked need not. */
async function unlessAborted<T>(pending: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise: stopped, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(new Error('stopped'));
  signal.addEventListener('abort', onAbort);
  try {
    return await Promise.race([pending, stopped]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
