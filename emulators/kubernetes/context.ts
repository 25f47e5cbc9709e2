import type { Exchange } from './exchange.ts';
import type { FaultEffect } from './faults.ts';
import type { Attributes, Authorizer, User } from './rbac.ts';
import type { RequestInfo } from './request-info.ts';
import { StatusError } from './status.ts';
import type { Store } from './store.ts';
import type { Tokens } from './tokens.ts';

/** The server's parts, which every request works with. */
export interface Server {
  store: Store;
  authorizer: Authorizer;
  tokens: Tokens;
  /** What the container of a pod has printed, by `<namespace>/<name>`: a kubelet's to say. */
  podLogs: Map<string, () => string>;
  /** How often a watch that allows bookmarks gets one, in milliseconds. */
  bookmarkEveryMs: number;
}

/** A request on its way through the server. */
export interface Context {
  server: Server;
  exchange: Exchange;
  info: RequestInfo;
  user: User;
  fault: FaultEffect | undefined;
}

/** What the request asks to be allowed to do. */
export function attributesOf(info: RequestInfo): Attributes {
  const { verb, group, plural, subresource, namespace, name, path } = info;
  const attributes = { verb, group, plural, subresource, namespace, name };
  return info.isResource ? attributes : { ...attributes, path };
}

/**
 * Lets pass what a role allows.
 *
 * @throws StatusError 403 in RBAC's words
 */
export function authorize(server: Server, user: User, wanted: Attributes): void {
  const decision = server.authorizer.decide(user, wanted);
  if (!decision.allowed) throw denied(user, wanted);
}

function denied(user: User, wanted: Attributes): StatusError {
  const who = `User ${JSON.stringify(user.name)}`;
  if (wanted.path !== undefined) {
    const message = `forbidden: ${who} cannot ${wanted.verb} path ${JSON.stringify(wanted.path)}`;
    return new StatusError(403, message, { reason: 'Forbidden', details: {} });
  }
  const { verb, group, plural, subresource, namespace, name } = wanted;
  const kind = plural;
  const resource = subresource === '' ? plural : `${plural}/${subresource}`;
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  const subject = `${group === '' ? plural : `${plural}.${group}`}${name === '' ? '' : ` "${name}"`}`;
  const message = `${subject} is forbidden: ${who} cannot ${verb} resource "${resource}" in API group "${group}" ${where}`;
  const details = { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind };
  return new StatusError(403, message, { reason: 'Forbidden', details });
}
