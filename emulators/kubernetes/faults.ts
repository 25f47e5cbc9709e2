import type { Answer, Headers } from './exchange.ts';
import type { RequestInfo } from './request-info.ts';

/** Which requests a fault meets; a field that is absent matches all. */
export interface FaultMatch {
  /** Kubernetes' verb: `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`. */
  verb?: string;
  /** The plural, e.g. `secrets`; with its subresource where there is one: `serviceaccounts/token`. */
  resource?: string;
  namespace?: string;
  name?: string;
  /** Whether the request carries a page's continue token. */
  continued?: boolean;
}

/** What happens instead of, or to, the right answer. */
export type FaultEffect =
  /** This answer, and the request is not carried out. Without a body: what kube-apiserver says with that status. */
  | { status: number; headers?: Headers; body?: string | object }
  /** The request is carried out; no more than `afterBytes` (0) of its response arrive, and the connection stays open. */
  | { hang: true; afterBytes?: number }
  /** The request is carried out; the connection breaks after so many bytes of the response, head included. */
  | { breakAfterBytes: number }
  /** The request is carried out; the response's body ends early, with a matching content-length. */
  | { truncateAtByte: number }
  /** The right answer, later. */
  | { delayMs: number }
  /** A watch that says nothing, drops or repeats events (`events` of them, all where absent). */
  | { watch: 'silent' | 'drop' | 'duplicate'; events?: number };

export interface Fault {
  match: FaultMatch;
  /** How many requests it meets; all where absent. */
  times?: number;
  effect: FaultEffect;
}

/** The faults that are in force, oldest first. */
export class Faults {
  #active: { fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.#active.push({ fault, left: fault.times ?? Number.POSITIVE_INFINITY });
  }

  clear(): void {
    this.#active = [];
  }

  /** The effect that meets this request, if any; it is used up by this. */
  take(info: RequestInfo): FaultEffect | undefined {
    if (this.#active.length === 0) return undefined;
    const found = this.#active.find(({ fault, left }) => left > 0 && meets(fault, info));
    if (found === undefined) return undefined;
    found.left -= 1;
    if (found.left <= 0) this.#active = this.#active.filter((one) => one !== found);
    return found.fault.effect;
  }
}

function meets({ match, effect }: Fault, info: RequestInfo): boolean {
  const resource = info.subresource === '' ? info.plural : `${info.plural}/${info.subresource}`;
  if (match.resource !== undefined && match.resource !== resource) return false;
  if (match.verb !== undefined && match.verb !== info.verb) return false;
  if (match.namespace !== undefined && match.namespace !== info.namespace) return false;
  if (match.name !== undefined && match.name !== info.name) return false;
  if (match.continued !== undefined && match.continued !== info.query.has('continue')) return false;
  return !('watch' in effect) || info.verb === 'watch';
}

const usual: Record<number, { reason: string; message: string }> = {
  401: { reason: 'Unauthorized', message: 'Unauthorized' },
  403: { reason: 'Forbidden', message: 'forbidden' },
  404: { reason: 'NotFound', message: 'the server could not find the requested resource' },
  409: { reason: 'Conflict', message: 'the server reported a conflict' },
  410: { reason: 'Expired', message: 'The resourceVersion for the provided list is too old.' },
  500: { reason: 'InternalError', message: 'Internal error occurred: etcdserver: leader changed' },
  503: { reason: 'ServiceUnavailable', message: 'the server is currently unable to handle the request' },
  504: { reason: 'Timeout', message: 'Timeout: request did not complete within the allotted timeout' },
};

/** The answer of a fault that has a status. */
export function faultAnswer(effect: { status: number; headers?: Headers; body?: string | object }): Answer {
  const { status, headers = {}, body } = effect;
  if (body === undefined && status === 429) return overloaded(headers);
  if (typeof body === 'string')
    return { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, body };
  const { reason, message } = usual[status] ?? { reason: '', message: 'an error on the server' };
  const whole = body ?? {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    code: status,
  };
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(whole) };
}

/** What a server says that has too many requests in flight: plain text, no Status object. */
function overloaded(headers: Headers): Answer {
  const own = { 'content-type': 'text/plain; charset=utf-8', 'retry-after': '1', 'x-content-type-options': 'nosniff' };
  return { status: 429, headers: { ...own, ...headers }, body: 'Too many requests, please try again later.\n' };
}
