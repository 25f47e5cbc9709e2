import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createAuthority } from '../../emulators/certificates.ts';
import { startConnectProxy } from '../../emulators/registry/connect-proxy.ts';
import { startRegistry } from '../../emulators/registry/server.ts';
import { createTransport } from '../../src/adapters/kubernetes/requests.ts';
import { startJobStage, type Run, type JobStage } from '../support/job-stage.ts';

const root = join(import.meta.dirname, '../..');

/** The registry of the emulated account. */
export const host = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
export const account = 'system:serviceaccount:ecr-cred-helper:ecr-cred-helper';
export const labels = { credentialType: 'ecr' };

export type Stage = Awaited<ReturnType<typeof startStage>>;

/**
 * The emulators with the shipped ServiceAccount and roles, a registry under the name of the account's own, and the
 * program as an operator's laptop runs it: with the administrator's kubeconfig, through a proxy, trusting a CA bundle.
 */
export async function startStage() {
  const job = await startJobStage();
  const { kubernetes, aws } = job;
  const authority = await createAuthority('registry test CA');
  const hosts = ['*.dkr.ecr.us-east-1.amazonaws.com', '*.dkr.ecr.eu-west-1.amazonaws.com'];
  const certificate = await authority.issue({ commonName: 'registry', hosts });
  const bundle = join(job.directory, 'registry-ca.pem');
  await writeFile(bundle, authority.ca);
  const door = { open: true };
  const registry = await startRegistry({
    accepts: (user, password) => door.open && user === 'AWS' && aws.isTokenValid(password),
    tls: certificate,
  });
  const proxy = await startConnectProxy({
    route: (to) => (to.endsWith('.amazonaws.com:443') ? registry.host : undefined),
  });
  const kubeconfig = join(job.directory, 'kubeconfig');
  await writeFile(kubeconfig, kubernetes.kubeconfig());
  const laptop = { KUBECONFIG: kubeconfig, HTTPS_PROXY: proxy.url, AWS_CA_BUNDLE: bundle };
  const transport = administratorOf(job);

  return {
    ...job,
    laptop,
    /** The registry's own, which {@link laptop} trusts. */
    certificate,
    /** Closed, the registry takes no token. */
    door,
    proxy,
    registry,
    /** Runs doctor from the laptop, on behalf of the program's ServiceAccount. */
    doctor: (args: readonly string[] = [], changes: Record<string, string | undefined> = {}): Promise<Run> =>
      job.run(['doctor', '--as', account, ...args], { ...laptop, ...changes }),
    /** Runs doctor in the cluster, as the program's ServiceAccount. */
    inCluster: (args: readonly string[] = [], changes: Record<string, string | undefined> = {}): Promise<Run> =>
      job.run(['doctor', ...args], { ...laptop, KUBECONFIG: undefined, ...changes }),
    /** What controllers of a cluster would write. */
    async setStatus(path: string, status: object): Promise<void> {
      const request = { contentType: 'application/merge-patch+json', body: JSON.stringify({ status }) };
      const signal = new AbortController().signal;
      const reply = await transport.request({ method: 'PATCH', path: `${path}/status`, ...request }, signal);
      assert.equal(reply.kind === 'answer' ? reply.status : reply.message, 200);
    },
    async close() {
      transport.close();
      await Promise.all([proxy.close(), registry.close(), job.close()]);
    },
  };
}

/** A cluster where all is well: one namespace served, by a CronJob that has just succeeded. */
export async function wellStage(): Promise<Stage> {
  const stage = await startStage();
  stage.kubernetes.createNamespace('team-a', labels);
  const served = await stage.run([]);
  assert.equal(served.code, 0, served.stderr);
  await runningCronJob(stage);
  return stage;
}

/** The shipped CronJob, as far as doctor looks at it. */
export function cronJob(spec: object = {}, image = 'ghcr.io/ecr-cred-helper/ecr-cred-helper:2.0.0'): object {
  const containers = [{ name: 'ecr-cred-helper', image }];
  const template = { spec: { serviceAccountName: 'ecr-cred-helper', restartPolicy: 'Never', containers } };
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'ecr-cred-helper', namespace: 'ecr-cred-helper' },
    spec: { schedule: '17 */4 * * *', jobTemplate: { spec: { template } }, ...spec },
  };
}

export const cronJobPath = '/apis/batch/v1/namespaces/ecr-cred-helper/cronjobs/ecr-cred-helper';

/** Puts the CronJob there with a success a moment ago. */
export async function runningCronJob(stage: Stage, spec: object = {}, image?: string): Promise<void> {
  stage.kubernetes.apply(cronJob(spec, image));
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  await stage.setStatus(cronJobPath, { lastScheduleTime: now, lastSuccessfulTime: now });
}

function administratorOf({ kubernetes }: JobStage) {
  const credentials = {
    headers: { authorization: `Bearer ${kubernetes.adminToken}` },
    tls: { ca: kubernetes.caPem },
  };
  return createTransport(
    {
      server: new URL(kubernetes.url),
      proxy: undefined,
      credentials: () => credentials,
      renewed: () => Promise.resolve(undefined),
    },
    { timeoutMs: 10_000, concurrency: 1, userAgent: 'stage', nowMs: () => 0 },
  );
}

/**
 * Holds what doctor printed and its exit code against a golden file; `UPDATE_GOLDEN=1` writes it anew.
 * What differs from run to run is put in general terms.
 */
export async function isGolden(name: string, { code, stdout }: Run): Promise<void> {
  const path = join(root, 'test/golden/doctor', name);
  const got = `${inGeneral(stdout)}exit code ${code}\n`;
  if (process.env['UPDATE_GOLDEN'] === '1') {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, got);
  }
  assert.equal(got, await readFile(path, 'utf8'));
}

function inGeneral(text: string): string {
  return text
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, '<time>')
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:<port>')
    .replaceAll(/aws-sdk-js-session-\d+/g, 'aws-sdk-js-session-<number>')
    .replaceAll(/\[request [\w-]+\]/g, '[request <id>]')
    .replaceAll(/\d+ (?:d|h|min|s)(?: \d+ (?:h|min|s))?(?= ago|\)|,|\n| and should|"| ahead| behind)/g, '<duration>')
    .replaceAll(/\/\S*\/ecr-cred-helper-\w{6}/g, '<directory>')
    .replaceAll(`${root}/`, '');
}
