import { shortened } from '../text/shortened.ts';

/** What came back from one request to the Kubernetes API: an answer, or the way the connection failed. */
export type ApiReply = ApiAnswer | ApiBroken;

export type ApiAnswer = {
  kind: 'answer';
  status: number;
  /** The parsed JSON body, or the text where the body is not JSON (an overloaded server answers plain text). */
  body: unknown;
  /** From `Retry-After`, in milliseconds. */
  retryAfterMs?: number;
  /** `Audit-Id` of the response. */
  requestId?: string;
};

export type ApiBroken = {
  kind: 'broken';
  cause: BrokenCause;
  /** The cause in words, such as `connect ECONNREFUSED 10.0.0.1:443`. */
  message: string;
};

/**
 * - `Unreachable`: no connection could be made (DNS, refused, no route, proxy refused).
 * - `TlsUntrusted`: the peer's certificate is not trusted or names another host.
 * - `TimedOut`: the request's time limit ran out.
 * - `Interrupted`: the connection ended before the answer was whole, or the answer is not what it says it is
 *   (JSON that ends early).
 * - `TooLarge`: the answer is larger than this process may hold; a smaller page may do.
 * - `Endless`: answers lead nowhere, each to a next one.
 * - `Unsendable`: HTTP cannot carry the request (a header with a line break).
 * - `Aborted`: the caller's signal.
 * - `CredentialsFailed`: the client could not produce its own credentials (exec plugin, unreadable token file).
 */
export type BrokenCause =
  | 'Unreachable'
  | 'TlsUntrusted'
  | 'TimedOut'
  | 'Interrupted'
  | 'TooLarge'
  | 'Endless'
  | 'Unsendable'
  | 'Aborted'
  | 'CredentialsFailed';

/** A Kubernetes `Status` object, as far as decisions rest on it. */
export type ApiStatus = {
  message: string;
  reason: string;
  causes: readonly { reason: string; message: string; field: string }[];
  /** A fresh page token that a 410 on a list carries. */
  continueToken?: string;
};

/**
 * Whether a write was carried out: a success holds the object, or a `Status`. Whatever stands before the API server may
 * answer 200 with something else.
 */
export function isDone(reply: ApiReply): boolean {
  return (
    reply.kind === 'answer' && reply.status >= 200 && reply.status < 300 && text(fieldOf(reply.body, 'kind')) !== ''
  );
}

/** The revision at which a write left its object; undefined where nothing was written. */
export function writtenRevision(reply: ApiReply): string | undefined {
  const isWritten = reply.kind === 'answer' && reply.status >= 200 && reply.status < 300;
  return isWritten ? text(fieldOf(fieldOf(reply.body, 'metadata'), 'resourceVersion')) || undefined : undefined;
}

function fieldOf(value: unknown, name: string): unknown {
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** What `Retry-After` asked for, in milliseconds. */
export function retryAfterMs(reply: ApiReply): number | undefined {
  return reply.kind === 'answer' ? reply.retryAfterMs : undefined;
}

/** What came instead of success, in words. */
export function whyNot(reply: ApiReply): string {
  if (reply.kind === 'broken') return reply.message;
  if (reply.status < 300) return `HTTP ${reply.status} with something else than was asked for`;
  return inWords(reply.status, apiStatus(reply.body).message);
}

/** `HTTP 503: the server is currently unable to handle the request`, or `HTTP 503` where nothing was said. */
export function inWords(status: number, said: string): string {
  return said === '' ? `HTTP ${status}` : `HTTP ${status}: ${said}`;
}

/** Reads a `Status`; anything else (plain text, HTML of a proxy, nothing) becomes its first 200 characters as message. */
export function apiStatus(body: unknown): ApiStatus {
  if (!isRecord(body)) return { message: excerpt(body), reason: '', causes: [] };
  const details = isRecord(body['details']) ? body['details'] : {};
  const causes = Array.isArray(details['causes']) ? details['causes'].slice(0, MOST_CAUSES).filter(isRecord) : [];
  const continueToken = isRecord(body['metadata']) ? text(body['metadata']['continue']) : '';
  return {
    message: said(body['message']),
    reason: said(body['reason']),
    causes: causes.map((cause) => ({
      reason: said(cause['reason']),
      message: said(cause['message']),
      field: said(cause['field']),
    })),
    ...(continueToken === '' ? {} : { continueToken }),
  };
}

/** True for a JSON object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value where it is a string, else an empty one. Half a character, which no URL can carry, becomes U+FFFD. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value.toWellFormed() : '';
}

/** More than anybody is shown; what is kept of it does not hold the whole. */
const MOST_SAID = 8192;
const MOST_CAUSES = 100;

function said(value: unknown): string {
  const whole = text(value);
  return whole.length <= MOST_SAID ? whole : Buffer.from(whole.slice(0, MOST_SAID)).toString();
}

function excerpt(body: unknown): string {
  return typeof body === 'string' ? shortened(body.trim(), 200) : '';
}

/** The object at a key, or an empty one. */
export function recordAt(value: unknown, key: string): Record<string, unknown> {
  const inner = isRecord(value) ? value[key] : undefined;
  return isRecord(inner) ? inner : {};
}

/** The objects in the list at a key. */
export function recordsAt(value: unknown, key: string): Record<string, unknown>[] {
  const inner = isRecord(value) ? value[key] : undefined;
  return Array.isArray(inner) ? inner.filter(isRecord) : [];
}
