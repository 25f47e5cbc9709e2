import { findResource } from './resources.ts';
import type { Resource } from './resources.ts';
import { selectedName } from './selectors.ts';

export type Verb =
  | 'get'
  | 'list'
  | 'watch'
  | 'create'
  | 'update'
  | 'patch'
  | 'delete'
  | 'deletecollection'
  | 'post'
  | 'put'
  | 'head'
  | 'options';

/** What a request asks for, as authorization, statistics and faults see it. */
export interface RequestInfo {
  path: string;
  query: URLSearchParams;
  method: string;
  verb: Verb;
  isResource: boolean;
  group: string;
  version: string;
  plural: string;
  subresource: string;
  namespace: string;
  /** The object's name: from the path, or from a field selector on `metadata.name`. */
  name: string;
  /** The name in the path alone. */
  pathName: string;
  /** Absent where the path names no resource that is served. */
  resource: Resource | undefined;
}

const verbs: Record<string, Verb> = {
  GET: 'get',
  HEAD: 'get',
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};
const namespaceSubresources = new Set(['finalize', 'status']);

/** Reads method and URL as kube-apiserver's RequestInfo does. */
export function requestInfo(method: string, url: string): RequestInfo {
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  const query = new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1));
  const parts = path.split('/').slice(1).map(decode);
  const prefix = parts.shift();
  const [group, version] = prefix === 'api' ? ['', parts.shift()] : [parts.shift(), parts.shift()];
  const isResource =
    (prefix === 'api' || prefix === 'apis') && version !== undefined && parts.some((part) => part !== '');
  const base = { path, query, method };
  if (!isResource || group === undefined) return { ...base, ...nonResource(method) };
  return { ...base, ...resourceRequest(method, query, { group, version }, parts) };
}

function decode(part: string): string {
  return part.includes('%') ? decodeURIComponent(part) : part;
}

type Parsed = Omit<RequestInfo, 'path' | 'query' | 'method'>;

function nonResource(method: string): Parsed {
  const verb = method.toLowerCase() as Verb; // authorization of paths knows the methods by their lower-case names
  const none = { group: '', version: '', plural: '', subresource: '', namespace: '', name: '', pathName: '' };
  return { ...none, verb, isResource: false, resource: undefined };
}

function resourceRequest(
  method: string,
  query: URLSearchParams,
  api: { group: string; version: string },
  parts: string[],
): Parsed {
  let [plural = '', pathName = '', subresource = ''] = parts;
  let namespace = '';
  if (plural === 'namespaces' && pathName !== '') {
    namespace = pathName;
    if (subresource !== '' && !namespaceSubresources.has(subresource)) {
      [plural = '', pathName = '', subresource = ''] = parts.slice(2);
    }
  }
  const base: Verb = verbs[method] ?? 'get';
  const verb = pathName !== '' ? base : collectionVerb(base, query);
  const fromSelector = verb === 'list' || verb === 'watch' ? selectedName(query.get('fieldSelector') ?? '') : '';
  const name = pathName === '' ? fromSelector : pathName;
  const resource = findResource(api.group, api.version, plural);
  return { ...api, verb, isResource: true, plural, subresource, namespace, name, pathName, resource };
}

function collectionVerb(base: Verb, query: URLSearchParams): Verb {
  if (base === 'delete') return 'deletecollection';
  if (base !== 'get') return base;
  const watch = query.get('watch');
  return watch === '1' || watch === 'true' || watch === '' ? 'watch' : 'list';
}
