import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAws } from '../emulators/aws/server.ts';
import { startKubernetes } from '../emulators/kubernetes/index.ts';
import { podEnv } from '../emulators/pod-env.ts';
import { installLoader } from './install-loader.ts';

const FEW_NAMESPACES = 3;
/**
 * Beyond every patience of the program (1 s) and of the SDK (3 s): on a busy machine they end where they do not on an idle one, and
 * what is run then is in the caches or is not.
 */
export const BEYOND_PATIENCE_MS = 5000;

/** So that two builds give the same bytes. Of what V8 has for that, these are the flags with which a run without them takes the cache. */
const reproducibly = ['--predictable', '--random-seed=1'];

type Run = {
  args: readonly string[];
  isOutside?: boolean;
  /** With a web identity, as a service account has one, in place of a key. */
  isIdentity?: boolean;
  /** Its exit code: here doctor reaches no registry. */
  code?: number;
};

/**
 * What is run, in this order: in a pod, and with a kubeconfig. A file's cache holds what the first of them that loads it
 * needs, and no more.
 */
const runs: readonly Run[] = [
  { args: [] },
  { args: [], isIdentity: true },
  { args: ['status'] },
  { args: ['prune', '--dry-run'] },
  { args: ['status'], isOutside: true },
  { args: ['doctor'], isOutside: true, code: 5 },
  { args: ['--help'] },
  // What a shell asks at each Tab.
  { args: ['complete', '--', 'status', '--'] },
];

/**
 * Writes V8's code caches into `dist`: for each file that a pass and the commands of every day load, the functions that they
 * need and no others; and their digests into the loader, which must be there. V8 takes them under the same version only;
 * limits of the heap do not matter.
 * @param node what runs it, for a machine of another kind: the command of an emulator, and its arguments up to that machine's node.
 * @param awsDelayMs after which AWS answers. With {@link BEYOND_PATIENCE_MS} the same bytes come out however busy the machine is.
 * @returns the size of all in bytes.
 * @throws Error where a run does not succeed.
 */
export async function bake(dist: string, node = [process.execPath], awsDelayMs = 200): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'ecr-cred-helper-bake-'));
  const [aws, kubernetes] = await Promise.all([startAws(), startKubernetes()]);
  try {
    // The namespaces are there before the token, as the functions that take them are in the cache.
    aws.faults.add({ effect: { delayMs: awsDelayMs } });
    kubernetes.createNamespaces(FEW_NAMESPACES, 'bake-', { credentialType: 'ecr' });
    await writeFile(join(directory, 'token'), kubernetes.adminToken, { mode: 0o600 });
    await writeFile(join(directory, 'ca.crt'), kubernetes.caPem);
    const env = {
      ...podEnv(aws, kubernetes),
      HOME: directory,
      // One answer after the other.
      ECR_CONCURRENCY: '1',
      SERVICE_ACCOUNT_DIRECTORY: directory,
    };
    const kubeconfig = join(directory, 'kubeconfig');
    await writeFile(kubeconfig, kubernetes.kubeconfig(), { mode: 0o600 });
    aws.addWebIdentity('of-a-service-account', { subject: 'system:serviceaccount:bake:bake' });
    const identityFile = join(directory, 'identity');
    await writeFile(identityFile, 'of-a-service-account', { mode: 0o600 });
    const noKey = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' };
    const identity = {
      ...env,
      ...noKey,
      AWS_ROLE_ARN: aws.defaults.roleArn,
      AWS_WEB_IDENTITY_TOKEN_FILE: identityFile,
    };
    for (const { args, isOutside, isIdentity, code = 0 } of runs) {
      const given = isOutside === true ? { ...env, KUBECONFIG: kubeconfig } : isIdentity === true ? identity : env;
      await ended(node, ['bake-worker.cjs', dist, ...args], given, code);
    }
    await ended(node, ['cache-rewriter.cjs', dist], {}, 0);
    await installLoader(dist);
  } finally {
    await Promise.all([aws.close(), kubernetes.close(), rm(directory, { recursive: true, force: true })]);
  }
  const caches = (await readdir(dist)).filter((file) => file.endsWith('.cache'));
  const sizes = await Promise.all(caches.map(async (file) => (await stat(join(dist, file))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Runs a script of this folder with a node, to its end. @throws Error with what it said, where that is not as it should be. */
async function ended(
  [program = '', ...before]: readonly string[],
  [script = '', ...args]: readonly string[],
  env: Record<string, string>,
  expected: number,
): Promise<void> {
  const child = spawn(program, [...before, ...reproducibly, join(import.meta.dirname, script), ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 60_000,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  await once(child, 'close');
  if (child.exitCode !== expected)
    throw new Error(`${[script, ...args].join(' ')}, run for code caches, ended with ${child.exitCode}:\n${output}`);
}
