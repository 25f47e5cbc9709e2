import { spawn, type ChildProcess } from 'node:child_process';
import { openSync, closeSync, readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { get } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Container, Pod } from 'kubernetes-types/core/v1.js';
import type { Kubernetes } from '../kubernetes/index.ts';
import type { PullResult } from '../registry/client.ts';
import { dataOf, prepare } from './container.ts';
import { instant, writeStatus } from './status.ts';

export type NodeOptions = {
  kubernetes: Kubernetes;
  /** Pulls an image with the docker config of a pull secret, or with none. */
  pull: (image: string, dockerConfig: string) => Promise<PullResult>;
  /** What the image of this name is: a command, to which the arguments of the container are added. */
  program: { image: string; command: readonly [string, ...string[]] };
  /** What is in the environment of every container beside what its pod says. */
  env: Record<string, string>;
  /** Where logs and what is mounted stand. */
  directory: string;
  /** The first wait after a pull that failed; each further one is twice as long. A kubelet has ten seconds. */
  backOffMs: number;
};

/** One pod on the node. */
type Running = {
  pod: Pod;
  child?: ChildProcess;
  port?: number;
  /** When the image is asked for next, and how often that has failed. */
  pullAtMs: number;
  failures: number;
  phase: 'new' | 'pulling' | 'running' | 'ended';
  isReady: boolean;
};

/**
 * The node: pulls the images of pods with their pull secrets, as a kubelet does, and runs the one program that it knows. Whatever
 * else an image holds is not run: its pod is Running once it has been pulled.
 */
export class Node {
  readonly #options: NodeOptions;
  readonly #pods = new Map<string, Running>();

  constructor(options: NodeOptions) {
    this.#options = options;
  }

  /** Looks at every pod once. */
  async look(): Promise<void> {
    const pods = this.#options.kubernetes.list('v1', 'Pod') as readonly Pod[]; // the API has only this form of them
    const known = new Set(pods.map(({ metadata }) => metadata?.uid ?? ''));
    for (const [uid, { child }] of this.#pods) {
      if (known.has(uid)) continue;
      child?.kill('SIGTERM');
      this.#pods.delete(uid);
    }
    await Promise.all(pods.map((pod) => this.#lookAt(pod)));
  }

  async close(): Promise<void> {
    const children = [...this.#pods.values()].flatMap(({ child }) => (child?.exitCode === null ? [child] : []));
    const ended = children.map((child) => new Promise((resolve) => child.once('close', resolve)));
    for (const child of children) child.kill('SIGTERM');
    const late = setTimeout(() => children.forEach((child) => child.kill('SIGKILL')), 5000);
    await Promise.all(ended);
    clearTimeout(late);
  }

  async #lookAt(pod: Pod): Promise<void> {
    const uid = pod.metadata?.uid ?? '';
    const entry: Running = this.#pods.get(uid) ?? { pod, pullAtMs: 0, failures: 0, phase: 'new', isReady: false };
    this.#pods.set(uid, entry);
    entry.pod = pod;
    const container = pod.spec?.containers[0];
    if (container === undefined) return;
    if (entry.phase === 'new' && entry.failures === 0) entry.pod = this.#admitted(pod);
    if (entry.phase === 'running' && entry.port !== undefined) await this.#probe(entry, container);
    if (entry.phase !== 'new' || Date.now() < entry.pullAtMs) return;
    entry.phase = 'pulling';
    if (container.image?.startsWith(this.#options.program.image) === true) await this.#start(entry, container);
    else await this.#pullFor(entry, container);
  }

  async #pullFor(entry: Running, container: Container): Promise<void> {
    const { pull, backOffMs } = this.#options;
    const image = container.image ?? '';
    const result = await pull(image, this.#dockerConfigOf(entry.pod));
    if (result.ok) {
      entry.phase = 'running';
      this.#event(entry.pod, 'Normal', 'Pulled', `Successfully pulled image "${image}"`);
      await this.#write(entry, 'Running', { running: { startedAt: instant() } }, true);
      return;
    }
    const why = `failed to pull and unpack image "${image}": unexpected status from HEAD request: ${result.status}: ${result.why}`;
    this.#event(entry.pod, 'Warning', 'Failed', `Failed to pull image "${image}": ${why}`);
    entry.failures += 1;
    const reason = entry.failures === 1 ? 'ErrImagePull' : 'ImagePullBackOff';
    const message = entry.failures === 1 ? why : `Back-off pulling image "${image}": ErrImagePull: ${why}`;
    if (entry.failures > 1) this.#event(entry.pod, 'Normal', 'BackOff', `Back-off pulling image "${image}"`);
    entry.pullAtMs = Date.now() + Math.min(300_000, backOffMs * 2 ** (entry.failures - 1));
    entry.phase = 'new';
    await this.#write(entry, 'Pending', { waiting: { reason, message } }, false);
  }

  /** An API server gives a new pod the pull secrets of its ServiceAccount, where it names none itself. */
  #admitted(pod: Pod): Pod {
    const { kubernetes } = this.#options;
    const { namespace = '', name = '' } = pod.metadata ?? {};
    const account = kubernetes.get('v1', 'ServiceAccount', namespace, pod.spec?.serviceAccountName ?? 'default');
    const imagePullSecrets = account?.['imagePullSecrets'];
    if (pod.spec?.imagePullSecrets !== undefined || imagePullSecrets === undefined) return pod;
    const change = { apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name }, spec: { imagePullSecrets } };
    return kubernetes.apply(change, 'admission') as Pod; // it is one
  }

  /** The logins of all its pull secrets. */
  #dockerConfigOf({ metadata, spec }: Pod): string {
    const { kubernetes } = this.#options;
    const namespace = metadata?.namespace ?? '';
    const auths = (spec?.imagePullSecrets ?? []).map(({ name = '' }) => {
      const text = dataOf(kubernetes.get('v1', 'Secret', namespace, name))?.['.dockerconfigjson'];
      return text === undefined ? {} : JSON.parse(Buffer.from(text, 'base64').toString('utf8')).auths;
    });
    return JSON.stringify({ auths: Object.assign({}, ...auths) });
  }

  async #start(entry: Running, container: Container): Promise<void> {
    const { kubernetes, program, env, directory } = this.#options;
    const { namespace = '', name = '' } = entry.pod.metadata ?? {};
    const folder = join(directory, namespace, name);
    await mkdir(folder, { recursive: true });
    let prepared;
    try {
      prepared = await prepare(kubernetes, entry.pod, container, folder);
    } catch (error) {
      entry.phase = 'new';
      entry.pullAtMs = Date.now() + 1000;
      const message = error instanceof Error ? error.message : String(error);
      await this.#write(entry, 'Pending', { waiting: { reason: 'CreateContainerConfigError', message } }, false);
      return;
    }
    // Every pod has an address of its own; here they share one.
    const port = await freePort();
    const { hostname, port: apiPort } = new URL(kubernetes.url);
    const printed = join(directory, `${name}.log`);
    const log = openSync(printed, 'a', 0o600);
    kubernetes.keepPodLog(namespace, name, () => readFileSync(printed, 'utf8'));
    const [file, ...first] = program.command;
    const child = spawn(file, [...first, ...(container.args ?? [])], {
      stdio: ['ignore', log, log],
      env: {
        ...env,
        ...prepared.env,
        HOSTNAME: name,
        HOME: folder,
        SERVICE_ACCOUNT_DIRECTORY: prepared.serviceAccountDirectory,
        KUBERNETES_SERVICE_HOST: hostname,
        KUBERNETES_SERVICE_PORT: apiPort,
        ...(container.readinessProbe === undefined ? {} : { ECR_LISTEN: `127.0.0.1:${port}` }),
      },
    });
    closeSync(log);
    entry.child = child;
    entry.phase = 'running';
    if (container.readinessProbe !== undefined) entry.port = port;
    child.once('close', (code) => void this.#ended(entry, code ?? 137));
    await this.#write(entry, 'Running', { running: { startedAt: instant() } }, entry.port === undefined);
  }

  async #ended(entry: Running, exitCode: number): Promise<void> {
    entry.phase = 'ended';
    const reason = exitCode === 0 ? 'Completed' : 'Error';
    await this.#write(
      entry,
      exitCode === 0 ? 'Succeeded' : 'Failed',
      { terminated: { exitCode, reason, finishedAt: instant() } },
      false,
    );
  }

  async #probe(entry: Running, container: Container): Promise<void> {
    const path = container.readinessProbe?.httpGet?.path ?? '/';
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const asked = get({ host: '127.0.0.1', port: entry.port, path, agent: false, timeout: 1000 }, (answer) => {
      resolve(answer.statusCode === 200);
      answer.resume();
    });
    asked.once('error', () => resolve(false));
    const isReady = await promise;
    if (isReady === entry.isReady || entry.phase !== 'running') return;
    await this.#write(entry, 'Running', { running: { startedAt: instant() } }, isReady);
  }

  async #write(entry: Running, phase: string, state: object, isReady: boolean): Promise<void> {
    entry.isReady = isReady;
    const { metadata, spec } = entry.pod;
    const { name, image = '' } = spec?.containers[0] ?? { name: '' };
    const status = { name, image, imageID: '', ready: isReady, restartCount: 0, state };
    const conditions = [{ type: 'Ready', status: isReady ? 'True' : 'False', lastTransitionTime: instant() }];
    const path = `/api/v1/namespaces/${metadata?.namespace}/pods/${metadata?.name}`;
    await writeStatus(this.#options.kubernetes, path, { phase, conditions, containerStatuses: [status] });
  }

  #event({ metadata }: Pod, type: string, reason: string, message: string): void {
    const { name, namespace, uid } = metadata ?? {};
    const event = `${name}.${reason.toLowerCase()}`;
    const { kubernetes } = this.#options;
    const known = kubernetes.get('events.k8s.io/v1', 'Event', namespace ?? '', event);
    kubernetes.apply({
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: event, namespace },
      regarding: { apiVersion: 'v1', kind: 'Pod', name, namespace, uid },
      type,
      reason,
      note: message,
      action: 'Pulling',
      reportingController: 'kubelet',
      reportingInstance: 'node',
      deprecatedSource: { component: 'kubelet' },
      deprecatedFirstTimestamp: known?.['deprecatedFirstTimestamp'] ?? instant(),
      deprecatedLastTimestamp: instant(),
      deprecatedCount: Number(known?.['deprecatedCount'] ?? 0) + 1,
    });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on a TCP port has an address of this kind.
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
