import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startAws } from '../../emulators/aws/server.ts';
import { startKubernetes } from '../../emulators/kubernetes/index.ts';
import { sameMutant } from '../mutants/lent.ts';
import { anyProgram, type Command } from './shipped-program.ts';

const root = join(import.meta.dirname, '../..');
const account = 'ecr-cred-helper';

export type Run = { code: number | null; stdout: string; stderr: string; lines: Record<string, unknown>[] };
export type JobStage = Awaited<ReturnType<typeof startJobStage>>;

/**
 * The emulators, with the shipped ServiceAccount and roles, and a way to run the program as that account.
 * @param program how it is started, unless a run says otherwise.
 */
export async function startJobStage(program?: Command) {
  const source = program ?? (await anyProgram());
  const [kubernetes, aws] = await Promise.all([startKubernetes({ namespaceDeletionMs: 100 }), startAws({})]);
  kubernetes.createNamespace(account);
  for (const name of ['service-account', 'cluster-role', 'cluster-role-binding']) {
    kubernetes.applyManifests(await readFile(join(root, `deploy/base/${name}.yaml`), 'utf8'));
  }
  const directory = await mkdtemp(join(tmpdir(), 'ecr-cred-helper-'));
  await writeFile(join(directory, 'ca.crt'), kubernetes.caPem);
  await writeFile(join(directory, 'namespace'), account);
  await writeFile(join(directory, 'token'), kubernetes.serviceAccountToken(account, account));
  const { hostname, port } = new URL(kubernetes.url);
  const env: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    HOME: directory,
    SERVICE_ACCOUNT_DIRECTORY: directory,
    KUBERNETES_SERVICE_HOST: hostname,
    KUBERNETES_SERVICE_PORT: port,
    AWS_ENDPOINT_URL: aws.url,
    AWS_ACCESS_KEY_ID: aws.defaults.accessKeyId,
    AWS_SECRET_ACCESS_KEY: aws.defaults.secretAccessKey,
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    ...sameMutant(),
  };

  /** Starts the program; variables that are `undefined` are left out. `stdout` and `stderr` are descriptors in place of pipes. */
  function start(
    args: readonly string[],
    changes: Record<string, string | undefined> = {},
    stdout: number | 'pipe' = 'pipe',
    stderr: number | 'pipe' = 'pipe',
    [file, ...first]: Command = source,
  ): ChildProcess {
    const merged = Object.entries({ ...env, ...changes }).filter(([, value]) => value !== undefined);
    return spawn(file, [...first, ...args], {
      cwd: root,
      env: Object.fromEntries(merged),
      stdio: ['pipe', stdout, stderr],
    });
  }

  return {
    kubernetes,
    aws,
    directory,
    start,
    run: (args: readonly string[] = [], changes: Record<string, string | undefined> = {}) =>
      ended(start(args, changes)),
    /** The docker config that stands in a namespace. */
    login(namespace: string): { auths: Record<string, { auth: string }> } {
      const data = dataOf(kubernetes.getSecret(namespace, 'ecr-creds'));
      return JSON.parse(Buffer.from(data, 'base64').toString('utf8'));
    },
    async close() {
      await Promise.all([kubernetes.close(), aws.close()]);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Waits for a run's end and collects what it printed, which goes to the test's output, too. */
export async function ended(child: ChildProcess): Promise<Run> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.once('close', resolve);
  const code = await promise;
  process.stdout.write(stdout + stderr);
  return {
    code,
    stdout,
    stderr,
    lines: stderr
      .split('\n')
      .filter(isObject)
      .map((line) => JSON.parse(line)),
  };
}

function isObject(line: string): boolean {
  return line.startsWith('{');
}

function dataOf(secret: unknown): string {
  // The emulator answers a Secret as Kubernetes has it.
  return (secret as { data: Record<string, string> }).data['.dockerconfigjson'] ?? '';
}
