import type { Exchange } from './exchange.ts';
import type { RequestInfo, Verb } from './request-info.ts';

/** What an audit log says of one request that was answered. */
export interface AuditEntry {
  verb: Verb;
  /** The plural. */
  resource: string;
  namespace: string;
  name: string;
  /** The token's own id, which tells apart the pods of one service account; empty for other credentials. */
  credential: string;
  /** HTTP status of the answer. */
  status: number;
  /** The request's body as it came. */
  body: string;
}

export type Audit = (entry: AuditEntry) => void;

export function auditEntry(exchange: Exchange, info: RequestInfo, status: number): AuditEntry {
  const { verb, plural: resource, namespace, name } = info;
  // What was not taken may be anything.
  const credential = status === 401 ? '' : tokenId(exchange.header('authorization') ?? '');
  return { verb, resource, namespace, name, credential, status, body: exchange.body };
}

/** The `jti` of a bearer token that is a JSON Web Token. */
export function tokenId(authorization: string): string {
  const claims = /^(?:bearer )?[\w-]+\.([\w-]+)\.[\w-]+$/i.exec(authorization)?.[1];
  if (claims === undefined) return '';
  const { jti }: { jti?: unknown } = JSON.parse(Buffer.from(claims, 'base64url').toString('utf8'));
  return typeof jti === 'string' ? jti : '';
}
