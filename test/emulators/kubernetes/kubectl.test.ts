import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { accessSync, constants, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { startKubernetes } from '../../../emulators/kubernetes/index.ts';
import type { Kubernetes } from '../../../emulators/kubernetes/index.ts';

const run = promisify(execFile);

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Every kubectl on the path, and those that `KUBECTLS` names: versions differ in what they ask a server. */
function kubectls(): string[] {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'kubectl'));
  const more = (process.env['KUBECTLS'] ?? '').split(delimiter).filter((path) => path !== '');
  return [...new Set([...onPath, ...more].filter(isExecutable).map((path) => realpathSync(path)))];
}

const manifests = `apiVersion: v1
kind: ServiceAccount
metadata: {name: robot}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: hourly}
spec:
  schedule: "0 * * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{name: main, image: example}]
`;

const found = kubectls();
const missing =
  found.length === 0 ? 'kubectl is not on the path: install it with `apt-get install kubernetes-client`' : false;

for (const kubectl of missing === false ? found : ['kubectl']) {
  describe(`${kubectl} works against the emulator`, { skip: missing }, () => {
    let kubernetes: Kubernetes;
    let folder: string;

    before(async () => {
      kubernetes = await startKubernetes({ namespaceDeletionMs: 50 });
      folder = mkdtempSync(join(tmpdir(), 'kubectl-'));
      writeFileSync(join(folder, 'kubeconfig'), kubernetes.kubeconfig({ namespace: 'demo' }));
      writeFileSync(join(folder, 'all.yaml'), manifests);
      writeFileSync(join(folder, 'kustomization.yaml'), 'namespace: demo\nresources: [all.yaml]\n');
    });

    after(async () => {
      await kubernetes.close();
      rmSync(folder, { recursive: true });
    });

    /** Runs kubectl to its end, whatever that is; exit code 1 is an answer of `auth can-i` too. */
    const call = async (...args: string[]): Promise<string> => {
      const env = { ...process.env, HOME: folder, KUBECONFIG: join(folder, 'kubeconfig') };
      try {
        return (await run(kubectl, args, { env, timeout: 30_000 })).stdout;
      } catch (error) {
        const { stdout, stderr } = error as { stdout: string; stderr: string }; // what execFile rejects with
        return `${stdout}${stderr}`;
      }
    };

    it('creates a namespace and shows it in a table', async () => {
      assert.equal(await call('create', 'namespace', 'demo'), 'namespace/demo created\n');
      assert.match(await call('get', 'namespace', 'demo'), /^NAME +STATUS +AGE\ndemo +Active +\d+s\n$/);
    });

    it('creates a secret whose data arrives', async () => {
      assert.equal(await call('create', 'secret', 'generic', 's', '--from-literal=a=b'), 'secret/s created\n');
      assert.deepEqual(kubernetes.getSecret('demo', 's')?.['data'], { a: 'Yg==' });
    });

    it('labels and describes it', async () => {
      assert.equal(await call('label', 'secret', 's', 'colour=red'), 'secret/s labeled\n');
      assert.deepEqual(kubernetes.getSecret('demo', 's')?.metadata.labels, { colour: 'red' });
      assert.match(await call('describe', 'secret', 's'), /Labels: +colour=red\n[^]*a: +1 bytes\n/);
    });

    it('applies a kustomization, and again without a change', async () => {
      const created = 'serviceaccount/robot created\ncronjob.batch/hourly created\n';
      assert.equal(await call('apply', '-k', folder), created);
      assert.equal(await call('apply', '-k', folder), created.replaceAll('created', 'unchanged'));
      assert.equal(kubernetes.get('batch/v1', 'CronJob', 'demo', 'hourly')?.kind, 'CronJob');
    });

    it('applies on the server side', async () => {
      const said = await call('apply', '--server-side', '--force-conflicts', '-k', folder);
      assert.equal(said, 'serviceaccount/robot serverside-applied\ncronjob.batch/hourly serverside-applied\n');
      const managers = kubernetes.get('batch/v1', 'CronJob', 'demo', 'hourly')?.metadata.managedFields ?? [];
      assert.ok(managers.some((entry) => entry.operation === 'Apply'));
    });

    it('asks what somebody may do', async () => {
      assert.equal((await call('auth', 'can-i', 'list', 'secrets')).trim(), 'yes');
      const robot = await call('auth', 'can-i', 'list', 'secrets', '--as=system:serviceaccount:demo:robot');
      assert.match(robot, /^no\n/);
    });

    it('deletes a secret, and a namespace until it is gone', async () => {
      assert.match(await call('delete', 'secret', 's'), /^secret "s" deleted/);
      assert.equal(kubernetes.getSecret('demo', 's'), undefined);
      assert.match(await call('delete', 'namespace', 'demo'), /^namespace "demo" deleted/);
      assert.equal(kubernetes.get('v1', 'Namespace', '', 'demo'), undefined);
    });
  });
}
