import { randomBytes } from 'node:crypto';
import { shellWord } from '../src/core/text/shell.ts';
import { createTransport } from '../src/adapters/kubernetes/requests.ts';
import { connectionOf } from '../test/support/connected.ts';
import { measureWell } from './measure.ts';
import { passes, whole, type Extent } from './passes.ts';
import type { Bed, Stage } from './stage.ts';
import type { Part } from './statistics.ts';

const never = new AbortController().signal;

type OwnServer = Bed & {
  /** Deletes the namespaces; the server does the rest by itself. */
  close(): Promise<void>;
};

/**
 * The same as on emulators, with as many namespaces as are wanted; each run refreshes what they hold.
 * @param signal ends it; what it has made is deleted, as it is in any case.
 * @throws Error where something is left over, with what deletes it.
 */
export async function passesOnOwnServer(
  stage: Stage,
  { kubeconfig, namespaces }: { kubeconfig: string; namespaces: number },
  signal: AbortSignal,
  extent: Omit<Extent, 'sizes'> = whole,
): Promise<Part> {
  const server = await openOwnServer(stage, kubeconfig, namespaces, signal);
  const measured = async () => {
    await server.populate(namespaces);
    // What is measured has a secret to refresh in each.
    await measureWell(server.program());
    return passes(server, { ...extent, sizes: [namespaces] });
  };
  try {
    return await Promise.race([measured(), stopped(signal)]);
  } finally {
    await server.close();
  }
}

/** @throws once the signal aborts. */
function stopped(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(new Error(INTERRUPTED));
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop);
  return promise;
}

const INTERRUPTED = 'It was interrupted. What it had made is deleted.';

/**
 * Makes `most` namespaces on the API server of a kubeconfig, with names and labels that no other has, and runs the program against them as the
 * kubeconfig's user; AWS is the stage's. What they hold is there from the first run on: later ones refresh it.
 * @throws Error where the server cannot be reached, or refuses.
 */
async function openOwnServer(stage: Stage, kubeconfig: string, most: number, signal: AbortSignal): Promise<OwnServer> {
  const connection = await connectionOf(kubeconfig);
  if (connection.proxy !== undefined) throw new Error('The floor knows no proxy: name a kubeconfig without one.');
  const options = { timeoutMs: 30_000, concurrency: 8, userAgent: 'ecr-cred-helper-bench', nowMs: Date.now };
  const administrator = createTransport(connection, options);
  const prefix = `ecr-bench-${randomBytes(4).toString('hex')}`;
  const label = `${prefix}/credentials`;
  const names = Array.from({ length: most }, (_, index) => `${prefix}-${index}`);
  const made: string[] = [];
  const ask = async (method: 'POST' | 'DELETE' | 'PATCH', path: string, body?: object): Promise<void> => {
    const contentType = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const sent = body === undefined ? {} : { body: JSON.stringify(body), contentType };
    const reply = await administrator.request({ method, path, ...sent }, never);
    if (reply.kind === 'answer' && reply.status < 300) return;
    throw new Error(`${method} ${path}: ${JSON.stringify(reply.kind === 'answer' ? reply.body : reply.message)}`);
  };
  const labelled = (name: string, value: string | null) =>
    ask('PATCH', `/api/v1/namespaces/${name}`, { metadata: { labels: { [label]: value } } });
  const close = async (): Promise<void> => {
    const left: string[] = [];
    for (const name of made) await ask('DELETE', `/api/v1/namespaces/${name}`).catch(() => left.push(name));
    administrator.close();
    if (left.length === 0) return;
    throw new Error(
      `Not all that it made could be deleted. To delete it: kubectl --kubeconfig ${shellWord(kubeconfig)} delete namespace ${left.join(' ')}`,
    );
  };
  try {
    for (const name of names) {
      if (signal.aborted) throw new Error(INTERRUPTED);
      await ask('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      made.push(name);
    }
  } catch (error) {
    await close();
    throw error;
  }
  let shown = 0;
  return {
    directory: stage.directory,
    // A token may live for minutes.
    bare: async () => ({ url: connection.server.href, ...(await connection.credentials()) }),
    program: (args, changes) =>
      stage.program(args, { KUBECONFIG: kubeconfig, KUBERNETES_SERVICE_HOST: '', ECR_LABEL_NAME: label, ...changes }),
    async populate(count) {
      for (const name of names.slice(shown, count)) await labelled(name, 'ecr');
      for (const name of names.slice(count, shown)) await labelled(name, null);
      shown = count;
      return names.slice(0, count);
    },
    close,
  };
}
