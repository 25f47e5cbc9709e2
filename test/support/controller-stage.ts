import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tokenId } from '../../emulators/kubernetes/audit.ts';
import { startAws } from '../../emulators/aws/server.ts';
import { startKubernetes, type AuditEntry, type KubernetesOptions } from '../../emulators/kubernetes/index.ts';
import { podEnv } from '../../emulators/pod-env.ts';
import { build, objectsOf, withComponents } from '../deploy/manifests.ts';
import { sameMutant } from '../mutants/lent.ts';
import type { Manifest } from '../deploy/schema.ts';
import { passwordOf } from './login.ts';
import { startReplica, type Replica } from './replica.ts';
import { anyProgram, type Command } from './shipped-program.ts';
import { until } from './until.ts';

const account = 'ecr-cred-helper';
export const labels = { credentialType: 'ecr' };
export const secretName = 'ecr-creds';
export const registry = '123456789012.dkr.ecr.us-east-1.amazonaws.com';

/** `deploy/controller` and what of the components a process needs to prune. */
export const shipped: readonly Manifest[] = objectsOf(await build('deploy/controller'));
export const withPrune: readonly Manifest[] = await withComponents('deploy/controller', 'prune');

export type StageOptions = KubernetesOptions & {
  manifests?: readonly Manifest[];
  tokenLifeMs?: number;
  /** How replicas are started, unless one says otherwise. */
  command?: Command;
};

export type Stage = Awaited<ReturnType<typeof startStage>>;

/** The emulators with what an overlay ships, RBAC on, and a way to run replicas as the shipped ServiceAccount. */
export async function startStage({ manifests = shipped, tokenLifeMs, command, ...options }: StageOptions = {}) {
  const audit: AuditEntry[] = [];
  const program = command ?? (await anyProgram());
  const [kubernetes, aws, directory] = await Promise.all([
    startKubernetes({ namespaceDeletionMs: 100, audit: (entry) => void audit.push(entry), ...options }),
    startAws(tokenLifeMs === undefined ? {} : { tokenLifeMs }),
    mkdtemp(join(tmpdir(), 'ecr-cred-helper-')),
  ]);
  kubernetes.createNamespace(account);
  kubernetes.applyManifests(manifests);
  const replicas: Replica[] = [];
  let started = 0;

  /** Starts a replica with a token of its own; variables that are `undefined` are left out. */
  async function start(
    changes: Record<string, string | undefined> = {},
    args: readonly string[] = [],
    by: Command = program,
  ) {
    const name = `replica-${started}`;
    started += 1;
    const mounted = join(directory, name);
    const token = kubernetes.serviceAccountToken(account, account);
    await mkdir(mounted);
    await writeFile(join(mounted, 'ca.crt'), kubernetes.caPem);
    await writeFile(join(mounted, 'namespace'), account);
    await writeFile(join(mounted, 'token'), token);
    const env: Record<string, string | undefined> = {
      ...sameMutant(),
      PATH: process.env['PATH'],
      HOME: directory,
      SERVICE_ACCOUNT_DIRECTORY: mounted,
      ...podEnv(aws, kubernetes),
      AWS_EC2_METADATA_DISABLED: 'true',
      LOG_FORMAT: 'json',
      ECR_LISTEN: '127.0.0.1:0',
      ...changes,
    };
    const given = Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]));
    const replica = {
      ...startReplica(name, args, Object.fromEntries(given), by),
      mounted,
      credential: tokenId(token),
    };
    replicas.push(replica);
    return replica;
  }

  return {
    kubernetes,
    aws,
    directory,
    audit,
    start,
    /** The password for the account's own registry that stands in a namespace. */
    password: (namespace: string) => passwordIn(kubernetes.getSecret(namespace, secretName)),
    isServed: (namespace: string) => isServed(namespace),
    served: (...namespaces: string[]) => until(`${namespaces.join(', ')} served`, () => namespaces.every(isServed)),
    events: (namespace: string) => kubernetes.list('events.k8s.io/v1', 'Event', namespace),
    /** Writes of pull secrets by whoever did not hold the Lease then, in the order in which the server took them. */
    writesOutOfTurn: () => outOfTurn(audit),
    async close(): Promise<void> {
      await showWhatLeft();
      for (const replica of replicas) replica.kill('SIGKILL');
      await Promise.all(replicas.map(({ exit }) => exit));
      await Promise.all([kubernetes.close(), aws.close()]);
      await rm(directory, { recursive: true, force: true });
    },
  };

  /** What the replicas made public beside their logs, for the search for secrets in what the tests print. */
  async function showWhatLeft(): Promise<void> {
    const events = kubernetes.list('events.k8s.io/v1', 'Event');
    const metrics = await Promise.all(replicas.map(metricsOf));
    for (const each of [...events, ...metrics]) process.stdout.write(`${JSON.stringify(each)}\n`);
  }

  /** Nothing of one that has ended, or was stopped in its tracks. */
  async function metricsOf(replica: Replica): Promise<string | undefined> {
    const port = replica.find('Controller started')?.['port'];
    if (typeof port !== 'number') return undefined;
    const signal = AbortSignal.timeout(500);
    return fetch(`http://127.0.0.1:${port}/metrics`, { signal }).then(
      (response) => response.text(),
      () => undefined,
    );
  }

  function isServed(namespace: string): boolean {
    const password = passwordIn(kubernetes.getSecret(namespace, secretName));
    return password !== undefined && aws.isTokenValid(password);
  }
}

/** Has the next watches refused that ask for a streamed list, as servers before 1.27 do, and those with the feature off. */
export function refuseToStream({ kubernetes }: Pick<Stage, 'kubernetes'>): void {
  const message =
    'ListOptions.meta.k8s.io "" is invalid: sendInitialEvents: Forbidden: sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled';
  const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason: 'Invalid', code: 422 };
  for (const resource of ['namespaces', 'secrets']) {
    kubernetes.faults.add({ match: { verb: 'watch', resource }, times: 1, effect: { status: 422, body } });
  }
}

/** The password in a pull secret as the emulator stores it. */
function passwordIn(secret: unknown): string | undefined {
  const data = fieldOf(fieldOf(secret, 'data'), '.dockerconfigjson');
  if (typeof data !== 'string') return undefined;
  const config: unknown = JSON.parse(Buffer.from(data, 'base64').toString('utf8'));
  return passwordOf(fieldOf(fieldOf(config, 'auths'), registry));
}

/** A field of what may be no object. */
export function fieldOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return Reflect.get(value, name);
}

function outOfTurn(audit: readonly AuditEntry[]): AuditEntry[] {
  let holder = '';
  return audit.filter(({ verb, resource, credential, status, body }) => {
    const isWrite = ['create', 'update', 'patch', 'delete'].includes(verb);
    if (!isWrite || status >= 300) return false;
    if (resource === 'leases') holder = fieldOf(fieldOf(JSON.parse(body), 'spec'), 'holderIdentity') ? credential : '';
    return resource === 'secrets' && credential !== holder;
  });
}
