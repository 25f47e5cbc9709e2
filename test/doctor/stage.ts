import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { bundledTool } from '../support/bundled-tools.ts';
import { run } from '../emulators/tools.ts';
import { createAuthority } from '../../emulators/certificates.ts';
import { startConnectProxy } from '../../emulators/registry/connect-proxy.ts';
import { startRegistry } from '../../emulators/registry/server.ts';
import { createTransport } from '../../src/adapters/kubernetes/requests.ts';
import { build, objectsOf } from '../deploy/manifests.ts';
import { sameMutant } from '../mutants/lent.ts';
import { isAsDocumented } from '../support/schemas.ts';
import { shippedProgram } from '../support/shipped-program.ts';
import { startJobStage, type Run, type JobStage } from '../support/job-stage.ts';

const root = join(import.meta.dirname, '../..');

/** The registry of the emulated account. */
export const host = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
export const account = 'system:serviceaccount:ecr-cred-helper:ecr-cred-helper';
export const labels = { credentialType: 'ecr' };

/** A finding as a machine is told of it. */
export type Told = {
  check: string;
  severity: string;
  reason: string;
  looked: string;
  found: string;
  fix: string;
  command?: string;
};

export type Stage = Awaited<ReturnType<typeof startStage>>;

/**
 * The emulators with the shipped ServiceAccount and roles, a registry under the name of the account's own, and the
 * program as an operator's laptop runs it: with the administrator's kubeconfig, through a proxy, trusting a CA bundle.
 */
export async function startStage() {
  // Built, it starts in a third of the time; a mutant is loaded from the source.
  const program = Object.keys(sameMutant()).length === 0 ? await shippedProgram() : undefined;
  const job = await startJobStage(program?.command);
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
  const laptop = { KUBECONFIG: kubeconfig, HTTPS_PROXY: proxy.url, AWS_CA_BUNDLE: bundle, COLUMNS: '80' };
  const transport = administratorOf(job);
  /** Changes an object as somebody would by hand. */
  async function merge(path: string, change: object): Promise<void> {
    const request = { contentType: 'application/merge-patch+json', body: JSON.stringify(change) };
    const reply = await transport.request({ method: 'PATCH', path, ...request }, new AbortController().signal);
    assert.equal(reply.kind === 'answer' ? reply.status : reply.message, 200);
  }

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
    /** Types a command into a shell of the laptop. */
    async typed(command: string) {
      // Nobody types a job twice in one second, after which it would have a name of its own; a test may.
      if (command.includes(' create job ')) removeTypedJobs(kubernetes);
      const path = `${dirname(await bundledTool('kubectl'))}:${process.env['PATH']}`;
      return run('bash', ['-c', command], { PATH: path, KUBECONFIG: kubeconfig, HOME: job.directory });
    },
    /** What doctor tells of these checks, or all of it. */
    async told(args: readonly string[] = [], changes: Record<string, string | undefined> = {}): Promise<Told[]> {
      const { stdout } = await job.run(['doctor', '--output', 'json', ...args], { ...laptop, ...changes });
      const { findings }: { findings: Told[] } = JSON.parse(stdout);
      return findings;
    },
    /** Runs doctor in the cluster, as the program's ServiceAccount. */
    inCluster: (args: readonly string[] = [], changes: Record<string, string | undefined> = {}): Promise<Run> =>
      job.run(['doctor', ...args], { ...laptop, KUBECONFIG: undefined, ...changes }),
    merge,
    /** What controllers of a cluster would write. */
    setStatus: (path: string, status: object): Promise<void> => merge(`${path}/status`, { status }),
    async close() {
      transport.close();
      await Promise.all([proxy.close(), registry.close(), job.close(), program?.close()]);
    },
  };
}

/** A cluster with one namespace served, by whoever runs the program by hand: nothing in it runs it. */
export async function servedStage(): Promise<Stage> {
  const stage = await startStage();
  stage.kubernetes.createNamespace('team-a', labels);
  const served = await stage.run([]);
  assert.equal(served.code, 0, served.stderr);
  return stage;
}

/** A cluster where all is well: one namespace served, by a CronJob that has just succeeded. */
export async function wellStage(): Promise<Stage> {
  const stage = await servedStage();
  await runningCronJob(stage);
  return stage;
}

const shipped = objectsOf(await build('deploy/cronjob'));

export const cronJobPath = '/apis/batch/v1/namespaces/ecr-cred-helper/cronjobs/ecr-cred-helper';

/** The key file that the shipped CronJob takes from the secret aws-creds. */
export function keyFile(accessKeyId: string, secretAccessKey: string): string {
  return `[default]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\n`;
}

/** Puts the secret there from which the shipped CronJob has its key. */
export function giveKey(
  stage: Stage,
  { accessKeyId, secretAccessKey }: { accessKeyId: string; secretAccessKey: string } = stage.aws.defaults,
  namespace = 'ecr-cred-helper',
): void {
  const metadata = { name: 'aws-creds', namespace };
  const stringData = { credentials: keyFile(accessKeyId, secretAccessKey) };
  stage.kubernetes.apply({ apiVersion: 'v1', kind: 'Secret', metadata, stringData });
}

function specOf(object: object): object {
  return 'spec' in object && typeof object.spec === 'object' ? { ...object.spec } : {};
}

/** Installs the shipped CronJob, with its key and a success a moment ago. */
export async function runningCronJob(stage: Stage, spec: object = {}): Promise<void> {
  giveKey(stage);
  for (const object of shipped) {
    stage.kubernetes.apply(object.kind === 'CronJob' ? { ...object, spec: { ...specOf(object), ...spec } } : object);
  }
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  await stage.setStatus(cronJobPath, { lastScheduleTime: now, lastSuccessfulTime: now });
}

/** What is named by the time at which it was typed. */
function removeTypedJobs(kubernetes: JobStage['kubernetes']): void {
  for (const { metadata } of kubernetes.list('batch/v1', 'Job')) {
    const { namespace = '', name } = metadata;
    if (/-\d{10}$/.test(name)) kubernetes.remove('batch/v1', 'Job', namespace, name);
  }
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
 * Holds what doctor prints for people, at 80 columns, and for machines, and its exit code against golden files;
 * `UPDATE_GOLDEN=1` writes them anew. What differs from run to run is put in general terms.
 * @param look runs doctor with these arguments besides its own.
 */
export async function isGolden(name: string, look: (more: string[]) => Promise<Run>): Promise<void> {
  await foundAsGolden(name, look);
}

/** The same, with what it found. */
export async function foundAsGolden(name: string, look: (more: string[]) => Promise<Run>): Promise<Told[]> {
  const text = await look([]);
  const machine = await look(['--output', 'json']);
  await holds(`${name}.txt`, `${inGeneral(text.stdout)}exit code ${text.code}\n`);
  assert.equal(machine.code, text.code);
  isAsDocumented('doctor', machine.stdout);
  const { findings, ...more }: { findings: Told[] } = JSON.parse(machine.stdout);
  const lines = findings.map((finding) => `    ${JSON.stringify(finding)}`).join(',\n');
  const whole = JSON.stringify({ ...more, findings: [] }, undefined, 2).replace(
    '"findings": []',
    () => `"findings": [\n${lines}\n  ]`,
  );
  await holds(`${name}.json.txt`, `${inGeneral(whole)}\n`);
  return findings;
}

/** The golden file of a finding: `KeyAbsent` is in `key-absent`. */
export function goldenOf(reason: string): string {
  return reason.replaceAll(/(?<!^)[A-Z]/g, '-$&').toLowerCase();
}

async function holds(name: string, got: string): Promise<void> {
  const path = join(root, 'test/golden/doctor', name);
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
    .replaceAll(/\[request\s+[\w-]+\]/g, '[request <id>]')
    .replaceAll(/\d+ (?:d|h|min|s)(?: \d+ (?:h|min|s))?(?= ago|\)|,|\n| and should|"| ahead| behind)/g, '<duration>')
    .replaceAll(/\/\S*\/ecr-cred-helper-\w{6}(?=\/)/g, '<directory>')
    .replaceAll(`${root}/`, '');
}

/** Doctor finds this, and tells of it as it is recorded. */
export async function finds(
  stage: Stage,
  reason: string,
  args: readonly string[] = [],
  env: Record<string, string> = {},
): Promise<Told[]> {
  const look = (more: string[]) => stage.run(['doctor', ...args, ...more], { ...stage.laptop, ...env });
  const found = (await foundAsGolden(goldenOf(reason), look)).filter((each) => each.reason === reason);
  assert.notEqual(found.length, 0, `${reason} is not found`);
  return found;
}

type Mending = {
  /** What others do upon what is typed: a controller, a node. */
  meanwhile?: (() => unknown) | undefined;
  /** Of everything that is seen at first; else the one of the reason. */
  golden?: string | undefined;
  look?: (more: string[]) => Promise<Run>;
};

/** Looks from the laptop, types what is said to mend what was found for this reason, and looks again: it is gone. */
export async function typedMends(
  stage: Stage,
  reason: string,
  { meanwhile, golden = goldenOf(reason), look = (more) => stage.run(['doctor', ...more], stage.laptop) }: Mending = {},
): Promise<void> {
  const findings = (await foundAsGolden(golden, look)).filter((each) => each.reason === reason);
  assert.notEqual(findings.length, 0, `${reason} is not found`);
  // What mends several is typed once.
  for (const command of new Set(findings.map((each) => each.command))) {
    assert.ok(command !== undefined, `nothing to type for ${reason}`);
    const { code, stderr } = await stage.typed(command);
    assert.equal(code, 0, `${command}: ${stderr}`);
  }
  await meanwhile?.();
  const { findings: left }: { findings: Told[] } = JSON.parse((await look(['--output', 'json'])).stdout);
  assert.deepEqual(
    left.filter((each) => each.reason === reason),
    [],
  );
}

type Waiting = { namespace?: string; image?: string; secrets?: string[]; reason?: string };

/** Puts a pod there that waits for its image. */
export async function waitingPod(stage: Stage, name: string, changes: Waiting = {}): Promise<void> {
  const { namespace = 'team-a', image = `${host}/demo/hello:1.0` } = changes;
  const { secrets = ['ecr-creds'], reason = 'ImagePullBackOff' } = changes;
  const imagePullSecrets = secrets.map((each) => ({ name: each }));
  const spec = { containers: [{ name: 'app', image }], ...(secrets.length === 0 ? {} : { imagePullSecrets }) };
  stage.kubernetes.apply({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name }, spec });
  const state = { waiting: { reason, message: 'Back-off pulling image' } };
  const status = { name: 'app', image, imageID: '', ready: false, restartCount: 0, state };
  const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
  await stage.setStatus(path, { phase: 'Pending', containerStatuses: [status] });
}
