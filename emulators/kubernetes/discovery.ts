import type { Answer } from './exchange.ts';
import { openapi } from './openapi.ts';
import type { RequestInfo } from './request-info.ts';
import { groupVersion, resources } from './resources.ts';
import type { Resource } from './resources.ts';

const version = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  minCompatibilityMajor: '1',
  minCompatibilityMinor: '35',
  gitVersion: 'v1.36.2',
  gitCommit: '8e16b12fda5b1dccc41a6de48b3e356cc7d5048b',
  gitTreeState: '',
  buildDate: '2026-06-10T14:57:05Z',
  goVersion: 'go1.26.10',
  compiler: 'gc',
  platform: 'linux/amd64',
};

const verbs = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];

/** A resource, subresource or review as discovery lists it. */
interface Served {
  name: string;
  singularName: string;
  namespaced: boolean;
  kind: string;
  group?: string;
  version?: string;
  verbs: string[];
  shortNames?: string[];
  categories?: string[];
}

function served(resource: Resource): Served[] {
  const { plural, singular, namespaced, kind, shortNames, categories } = resource;
  const names = { ...(shortNames.length > 0 ? { shortNames } : {}), ...(categories.length > 0 ? { categories } : {}) };
  const main: Served = { name: plural, singularName: singular, namespaced, kind, verbs, ...names };
  const sub = { singularName: '', namespaced };
  const list = [main];
  if (resource.status) list.push({ ...sub, name: `${plural}/status`, kind, verbs: ['get', 'patch', 'update'] });
  if (plural === 'serviceaccounts') {
    const token = { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest', verbs: ['create'] };
    list.push({ ...sub, name: 'serviceaccounts/token', ...token });
  }
  return list;
}

function review(kind: string): Served {
  const singularName = kind.toLowerCase();
  return { name: `${singularName}s`, singularName, namespaced: false, kind, verbs: ['create'] };
}

/** What is served, by `v1` or `group/version`. */
const groups = new Map<string, Served[]>();
for (const resource of resources) {
  const key = groupVersion(resource);
  groups.set(key, [...(groups.get(key) ?? []), ...served(resource)]);
}
groups.set('authorization.k8s.io/v1', [review('SelfSubjectAccessReview'), review('SelfSubjectRulesReview')]);
groups.set('authentication.k8s.io/v1', [review('SelfSubjectReview')]);

function split(key: string): { group: string; version: string } {
  const at = key.indexOf('/');
  return { group: key.slice(0, Math.max(at, 0)), version: key.slice(at + 1) };
}

const named = [...groups.keys()].filter((key) => key.includes('/'));

function apiGroup(key: string): object {
  const { group, version: each } = split(key);
  const preferredVersion = { groupVersion: key, version: each };
  return { name: group, versions: [preferredVersion], preferredVersion };
}

function groupList(): object {
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: named.map(apiGroup) };
}

function coreVersions(): object {
  const serverAddressByClientCIDRs = [{ clientCIDR: '0.0.0.0/0', serverAddress: '127.0.0.1' }];
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs };
}

function resourceList(key: string): object | undefined {
  const list = groups.get(key);
  if (list === undefined) return undefined;
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: key, resources: list };
}

/** All groups of `/api` or `/apis` in one answer, as clients since 1.26 ask for it. */
function aggregated(keys: readonly string[], apiVersion: string): object {
  const items = keys.map((key) => {
    const { group, version: each } = split(key);
    const metadata = { ...(group === '' ? {} : { name: group }), creationTimestamp: null };
    const versions = [{ version: each, freshness: 'Current', resources: aggregatedResources(key) }];
    return { metadata, versions };
  });
  return { kind: 'APIGroupDiscoveryList', apiVersion, metadata: {}, items };
}

function aggregatedResources(key: string): object[] {
  const list = groups.get(key) ?? [];
  const own = split(key);
  const kindOf = (one: Served): object => ({
    group: one.group ?? own.group,
    version: one.version ?? own.version,
    kind: one.kind,
  });
  const scopeOf = (one: Served): string => (one.namespaced ? 'Namespaced' : 'Cluster');
  return list
    .filter((one) => !one.name.includes('/'))
    .map((one) => {
      const { name, singularName, shortNames, categories } = one;
      const prefix = `${name}/`;
      const subresources = list
        .filter((other) => other.name.startsWith(prefix))
        .map((other) => ({
          subresource: other.name.slice(prefix.length),
          responseKind: kindOf(other),
          verbs: other.verbs,
        }));
      return {
        resource: name,
        responseKind: kindOf(one),
        scope: scopeOf(one),
        singularResource: singularName,
        verbs: one.verbs,
        ...(shortNames === undefined ? {} : { shortNames }),
        ...(categories === undefined ? {} : { categories }),
        ...(subresources.length === 0 ? {} : { subresources }),
      };
    });
}

function json(body: object, type = 'application/json'): Answer {
  return { status: 200, headers: { 'content-type': type }, body: JSON.stringify(body) };
}

function aggregatedFor(path: string, accept: string): Answer | undefined {
  const asked = /application\/json;[^,]*g=apidiscovery\.k8s\.io[^,]*/.exec(accept)?.[0];
  const of = asked === undefined ? undefined : /v=(v2beta1|v2)/.exec(asked)?.[1];
  if (of === undefined) return undefined;
  const keys = path === '/api' ? ['v1'] : named;
  const type = `application/json;g=apidiscovery.k8s.io;v=${of};as=APIGroupDiscoveryList`;
  return json(aggregated(keys, `apidiscovery.k8s.io/${of}`), type);
}

/** The paths that are no resources: health, version, and what the server serves. */
export function discovery(info: RequestInfo, accept: string): Answer | undefined {
  const path = info.path.length > 1 ? info.path.replace(/\/$/, '') : info.path;
  if (['/readyz', '/livez', '/healthz'].includes(path)) {
    return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'ok' };
  }
  if (path === '/version') return json(version);
  if (path.startsWith('/openapi/')) return openapi(path, accept);
  if (path === '/api') return aggregatedFor(path, accept) ?? json(coreVersions());
  if (path === '/apis') return aggregatedFor(path, accept) ?? json(groupList());
  const key = path.replace(/^\/apis?\//, '');
  const list = path.startsWith('/api') ? resourceList(key) : undefined;
  if (list !== undefined) return json(list);
  const group = named.find((each) => path === `/apis/${split(each).group}`);
  return group === undefined ? undefined : json({ kind: 'APIGroup', apiVersion: 'v1', ...apiGroup(group) });
}
