import { randomBytes } from 'node:crypto';
import { apply } from './apply.ts';
import { administrator } from './authn.ts';
import type { Audit } from './audit.ts';
import { localCertificates, type Certificate } from '../certificates.ts';
import { listen } from './connections.ts';
import { control } from './control.ts';
import { removeContents, runNamespaceController } from './controllers.ts';
import { toStored } from './events.ts';
import { Faults } from './faults.ts';
import { handle } from './handler.ts';
import type { Frontend } from './handler.ts';
import { kubeconfig } from './kubeconfig.ts';
import type { KubeconfigOptions } from './kubeconfig.ts';
import { manifestObjects } from './manifests.ts';
import type { KubeObject } from './objects.ts';
import { Authorizer } from './rbac.ts';
import { findKind, groupVersion, namespaces, secrets, serviceAccounts } from './resources.ts';
import type { Resource } from './resources.ts';
import { Stats } from './stats.ts';
import { Store } from './store.ts';
import { Tokens } from './tokens.ts';
import { create } from './write.ts';

export type { AuditEntry } from './audit.ts';
export type { FaultEffect } from './faults.ts';
export type { KubeObject } from './objects.ts';
export type { KubeconfigOptions } from './kubeconfig.ts';

export interface KubernetesOptions {
  /** 0 takes any free port of 127.0.0.1. */
  port?: number;
  /** Added to every answer, in milliseconds. */
  latencyMs?: number;
  /** The server's clock, in milliseconds since the epoch. */
  now?: () => number;
  /** How often a watch that allows it gets a bookmark, in milliseconds. */
  bookmarkEveryMs?: number;
  /** From a namespace's deletion to its removal, in milliseconds. */
  namespaceDeletionMs?: number;
  /** Is told of every request that was answered, in the order in which they took effect. */
  audit?: Audit;
}

export type Kubernetes = Awaited<ReturnType<typeof startKubernetes>>;

/** Starts a server that answers as kube-apiserver v1.36.2 does, with the namespaces every cluster has. */
export async function startKubernetes(options: KubernetesOptions = {}) {
  const store = new Store(options.now ?? Date.now);
  const tokens = new Tokens(store);
  const stats = new Stats();
  const faults = new Faults();
  const adminToken = `admin-${randomBytes(16).toString('hex')}`;
  const server = {
    store,
    tokens,
    podLogs: new Map<string, () => string>(),
    authorizer: new Authorizer(store),
    bookmarkEveryMs: options.bookmarkEveryMs ?? 60_000,
  };
  const frontend: Frontend = {
    server,
    stats,
    faults,
    adminToken,
    latencyMs: options.latencyMs ?? 0,
    audit: options.audit,
    control: control({ stats, faults, adminToken, compact: () => store.compact() }),
  };
  for (const name of ['default', 'kube-node-lease', 'kube-public', 'kube-system']) createNamespace(store, name);
  const deletionMs = options.namespaceDeletionMs ?? 2_500;
  const contentsMs = Math.min(20, deletionMs);
  const stopController = runNamespaceController(store, { contentsMs, namespaceMs: deletionMs });
  const connections = await listen(
    options.port ?? 0,
    (exchange) => handle(frontend, exchange),
    () => stats.countConnection(),
  );
  const url = `https://127.0.0.1:${connections.port}`;
  const { ca, admin } = await localCertificates();

  return {
    url,
    port: connections.port,
    caPem: ca,
    adminToken,
    stats,
    faults,
    /** A kubeconfig as YAML text: the administrator's, unless a token is given. */
    kubeconfig: (wanted: KubeconfigOptions = {}): string =>
      kubeconfig({ url, ca, token: adminToken, certificate: admin }, wanted),
    /** A bearer token of a service account, which is made where it does not exist. */
    serviceAccountToken: (namespace: string, name: string, seconds = 3600): string => {
      const account =
        store.get(serviceAccounts, namespace, name) ??
        createAs(store, serviceAccounts, { kind: 'ServiceAccount', apiVersion: 'v1', metadata: { name, namespace } });
      return tokens.issue({ namespace, name, uid: account.metadata.uid ?? '' }, seconds);
    },
    createNamespace: (name: string, labels: Record<string, string> = {}): KubeObject =>
      createNamespace(store, name, labels),
    /** Makes `<prefix>00001` and so on; gives back their names. */
    createNamespaces: (count: number, prefix: string, labels: Record<string, string> = {}): string[] => {
      const names = Array.from({ length: count }, (_, index) => `${prefix}${String(index + 1).padStart(5, '0')}`);
      for (const name of names) createNamespace(store, name, labels);
      return names;
    },
    /** Removes a namespace and what is in it at once, without the time that a DELETE takes. */
    deleteNamespace: (name: string): void => {
      removeContents(store, name);
      store.remove(namespaces, '', name);
    },
    /** Says what `kubectl logs` shows of a pod. */
    keepPodLog: (namespace: string, name: string, read: () => string): void =>
      void server.podLogs.set(`${namespace}/${name}`, read),
    getSecret: (namespace: string, name: string): KubeObject | undefined => store.get(secrets, namespace, name),
    /** An object by what its manifest would say; undefined where there is none. */
    get: (apiVersion: string, kind: string, namespace: string, name: string): KubeObject | undefined =>
      store.get(resourceOf(apiVersion, kind), namespace, name),
    list: (apiVersion: string, kind: string, namespace = ''): readonly KubeObject[] =>
      store.list(resourceOf(apiVersion, kind), namespace),
    /** Creates or changes an object as the administrator would with a forced apply. */
    apply: (object: object, manager = 'administrator'): KubeObject => applyObject(store, object, manager),
    /** Applies manifests: text of several YAML documents, or objects. Namespaces first. */
    applyManifests: (manifests: string | readonly object[]): KubeObject[] =>
      manifestObjects(manifests).map((object) => applyObject(store, object, 'administrator')),
    /** Deletes an object at once, whatever holds it. */
    remove: (apiVersion: string, kind: string, namespace: string, name: string): KubeObject | undefined =>
      store.remove(resourceOf(apiVersion, kind), namespace, name),
    /** The revision of the last write. */
    revision: (): number => store.revision,
    /** Forgets all history, as etcd's compaction and a restarted server do: old watches and pages get 410. */
    compact: (): void => store.compact(),
    /** Shows another certificate from now on; open connections break. */
    certify: (certificate: Certificate): void => {
      connections.certify(certificate);
      connections.drop();
    },
    /** Breaks every open connection. */
    dropConnections: (): void => connections.drop(),
    /** Stops and listens again on the same port; what is stored stays. `downMs` passes in between. */
    restart: async (downMs = 0): Promise<void> => {
      await connections.stop();
      await new Promise((resolve) => setTimeout(resolve, downMs));
      await connections.listen();
    },
    /** Keeps a copy of what is stored; the returned function stops, puts it back and listens again. */
    backup: (): ((downMs?: number) => Promise<void>) => {
      const restore = store.backup();
      return async (downMs = 0) => {
        await connections.stop();
        restore();
        await new Promise((resolve) => setTimeout(resolve, downMs));
        await connections.listen();
      };
    },
    close: async (): Promise<void> => {
      stopController();
      await connections.stop();
    },
    administrator,
  };
}

function resourceOf(apiVersion: string, kind: string): Resource {
  const resource = findKind(apiVersion, kind);
  if (resource === undefined) throw new Error(`this server has no ${apiVersion} ${kind}`);
  return resource;
}

function createAs(store: Store, resource: Resource, object: KubeObject): KubeObject {
  const writer = { manager: 'administrator', operation: 'Update' as const, apiVersion: groupVersion(resource) };
  return create(store, resource, object, { dryRun: false, user: 'administrator', writer });
}

function createNamespace(store: Store, name: string, labels: Record<string, string> = {}): KubeObject {
  return createAs(store, namespaces, { kind: 'Namespace', apiVersion: 'v1', metadata: { name, labels } });
}

function applyObject(store: Store, object: object, manager: string): KubeObject {
  const { apiVersion, kind, metadata } = object as Partial<KubeObject>; // the lookup below refuses anything else
  const resource = resourceOf(apiVersion ?? '', kind ?? '');
  const stored = toStored(resource, object as KubeObject); // its kind is known
  const namespace = resource.namespaced ? (metadata?.namespace ?? 'default') : '';
  const request = { namespace, name: metadata?.name ?? '', body: JSON.stringify(stored), force: true };
  const writer = { manager, operation: 'Apply' as const, apiVersion: groupVersion(resource) };
  return apply(store, resource, request, { dryRun: false, user: 'administrator', writer }).object;
}
