import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bake } from '../build/bake.ts';
import { bundle } from '../build/bundle.ts';
import { startAws } from '../emulators/aws/server.ts';
import { startKubernetes } from '../emulators/kubernetes/index.ts';
import type { Command } from './measure.ts';

const root = join(import.meta.dirname, '..');
const secretName = 'ecr-creds';

export type Stage = Awaited<ReturnType<typeof openStage>>;

/** Where program and floor take turns: an API server, and as many labelled namespaces as are asked for. */
export type Bed = Pick<Stage, 'directory' | 'program'> & {
  /** With credentials that are good now. */
  readonly bare: () => Bare | Promise<Bare>;
  populate(count: number): string[] | Promise<string[]>;
};

/** What a bare client has to know of the API server. `headers` and `tls` hold credentials. */
export type Bare = {
  url: string;
  headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  tls: object;
};

/** The bundle of this very source with its code cache, and the emulators, in this process, that it runs against. */
export async function openStage() {
  const directory = await mkdtemp(join(tmpdir(), 'ecr-cred-helper-bench-'));
  const dist = join(directory, 'dist');
  await bundle('src/main.ts', dist, '0.0.0-bench');
  await copyFile(join(root, 'build/loader.cjs'), join(dist, 'ecr-cred-helper.cjs'));
  await bake(dist);
  await writeFile(join(directory, 'empty.cjs'), '');
  const flags = await deployedFlags();
  const inPodOf = (mebibytes: number) => flags.map((flag) => heapIn(mebibytes, flag));
  const bundled = join(dist, 'ecr-cred-helper.cjs');
  const [kubernetes, aws] = await Promise.all([startKubernetes(), startAws({})]);
  await writeFile(join(directory, 'ca.crt'), kubernetes.caPem);
  await writeFile(join(directory, 'token'), kubernetes.adminToken);
  await writeFile(join(directory, 'namespace'), 'default');
  const kubeconfig = join(directory, 'kubeconfig');
  await writeFile(kubeconfig, kubernetes.kubeconfig());
  // Nothing of this process's own environment: NODE_EXTRA_CA_CERTS alone costs a start up to 45 ms.
  const env = {
    HOME: directory,
    SERVICE_ACCOUNT_DIRECTORY: directory,
    KUBERNETES_SERVICE_HOST: '127.0.0.1',
    KUBERNETES_SERVICE_PORT: String(kubernetes.port),
    AWS_ENDPOINT_URL: aws.url,
    AWS_ACCESS_KEY_ID: aws.defaults.accessKeyId,
    AWS_SECRET_ACCESS_KEY: aws.defaults.secretAccessKey,
    AWS_DEFAULT_REGION: 'us-east-1',
  };
  let names: string[] = [];
  let generation = 0;

  return {
    directory,
    kubeconfig,
    kubernetes,
    aws,
    bare: (): Bare => ({
      url: kubernetes.url,
      headers: { authorization: `Bearer ${kubernetes.adminToken}` },
      tls: { ca: kubernetes.caPem },
    }),
    /** An empty program on Node as it comes. */
    empty: { args: [join(directory, 'empty.cjs')], env: { HOME: directory } } satisfies Command,
    /** The bundle, with the flags for Node that the image sets, and the heap that it has in the pods of `deploy/`. */
    program: (args: readonly string[] = [], changes: Readonly<Record<string, string>> = {}): Command => ({
      args: [...inPodOf(podMebibytes[args[0] === 'controller' ? 'controller' : 'job']), bundled, ...args],
      env: { ...env, ...changes },
    }),
    /** The same, to be run under limits, by which Node sizes the heap. */
    limited: (args: readonly string[] = []): Command => ({ args: [...flags, bundled, ...args], env }),
    /**
     * Makes it so that there are `count` labelled namespaces, none of which has a pull secret. Those that are made have names that none had
     * before: a namespace that comes and goes again and again is made to wait by the controller.
     */
    populate(count: number): string[] {
      for (const name of names) kubernetes.remove('v1', 'Secret', name, secretName);
      if (count !== names.length) {
        for (const name of names) kubernetes.deleteNamespace(name);
        generation += 1;
        names = kubernetes.createNamespaces(count, `bench-namespace-${generation}-`, { credentialType: 'ecr' });
      }
      return names;
    },
    async close() {
      await Promise.all([kubernetes.close(), aws.close()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** The limits of memory in `deploy/`. */
export const podMebibytes = { job: 64, controller: 128 } as const;

/** The flag as it comes out where the container has so much memory. */
function heapIn(mebibytes: number, flag: string): string {
  const percentage = /^--max-old-space-size-percentage=(\d+)$/.exec(flag)?.[1];
  if (percentage === undefined) return flag;
  return `--max-old-space-size=${Math.floor((Number(percentage) / 100) * mebibytes)}`;
}

/** The flags between node and the program in the image's entrypoint. */
async function deployedFlags(): Promise<string[]> {
  const text = await readFile(join(root, 'image/Dockerfile'), 'utf8');
  const entrypoint: string[] = JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(text)?.[1] ?? '[]');
  return entrypoint.slice(1, -1);
}
