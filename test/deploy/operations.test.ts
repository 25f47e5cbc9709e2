/** What docs/operations.md has its reader type and write, done as it stands, with the real kubectl. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startKubernetes, type Kubernetes } from '../../emulators/kubernetes/index.ts';
import { bundledTool } from '../support/bundled-tools.ts';
import { isGolden, pullSecret } from '../support/operator-stage.ts';
import { run } from '../emulators/tools.ts';
import { buildOwn, fromHere, objectsOf, ofKind, overlays, podsOf, root } from './manifests.ts';

const page = await readFile(join(root, 'docs/operations.md'), 'utf8');
const sections = new Map(page.split(/^##+ /m).map((text) => [text.slice(0, text.indexOf('\n')), text]));

/** The commands of a section, in order. */
function commandsOf(section: string): string[] {
  return [...(sections.get(section) ?? '').matchAll(/^ {4,}((?:kubectl|npm|docker) .*)$/gm)].map(
    ([, line = '']) => line,
  );
}

/** The overlays that a section shows. */
function overlaysOf(section: string): string[] {
  const blocks = [...(sections.get(section) ?? '').matchAll(/^( *)```yaml\n([^]*?)^ *```$/gm)];
  return blocks.map(([, indent = '', text = '']) => text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''));
}

const [own = ''] = overlaysOf('Install');
/** The same with the CronJob, as the page says below it. */
const ownCronJob = own
  .replace('deploy/controller?', 'deploy/cronjob?')
  .replace('ecr-cred-helper-controller', 'ecr-cred-helper');

/** The status of a Deployment whose pods run. */
const rolledOut = { observedGeneration: 9, replicas: 2, updatedReplicas: 2, readyReplicas: 2, availableReplicas: 2 };

describe('an overlay of its own', () => {
  test('is, as the page shows it first, what kubectl makes of it', async () => {
    await isGolden('deploy/own-overlay.yaml', await buildOwn(own));
  });

  const [namespaced = '', named = '', fenced = ''] = overlaysOf('Settings of your own');

  test('may put everything into another namespace, and makes none', async () => {
    const objects = objectsOf(await buildOwn(namespaced));
    const inNamespaces = objects.filter(({ kind }) => !kind.startsWith('ClusterRole'));
    assert.ok(inNamespaces.every(({ metadata }) => metadata.namespace === 'platform'));
    assert.ok(!objects.some(({ kind }) => kind === 'Namespace'));
    const bindings = [...ofKind(objects, 'ClusterRoleBinding'), ...ofKind(objects, 'RoleBinding')];
    assert.equal(bindings.length, 3);
    for (const { subjects } of bindings) {
      assert.deepEqual(subjects, [{ kind: 'ServiceAccount', name: 'ecr-cred-helper', namespace: 'platform' }]);
    }
  });

  test('may name the pull secret otherwise, in the setting and in every role', async () => {
    const objects = objectsOf(await buildOwn(named));
    const names = ofKind(objects, 'ClusterRole').map(({ rules }) => rules?.[1]?.resourceNames);
    assert.deepEqual(names, [['registry-login'], ['registry-login']]);
    assert.equal(ofKind(objects, 'ConfigMap')[0]?.data?.['ECR_SECRET_NAME'], 'registry-login');
  });

  test('may say where scrapes come from, and what the pod needs here', async () => {
    const objects = objectsOf(await buildOwn(fenced));
    const [policy] = ofKind(objects, 'NetworkPolicy');
    assert.equal(policy?.spec?.ingress?.[0]?.from?.length, 2);
    assert.deepEqual(policy.spec.egress?.at(-1), { ports: [{ port: 3128 }] });
    const [pod] = podsOf(objects).values();
    assert.equal(pod?.spec?.priorityClassName, 'system-cluster-critical');
    assert.deepEqual(pod.spec.tolerations, [{ key: 'dedicated', operator: 'Exists' }]);
  });

  test('may have a role in place of a key', async () => {
    const [keyless = ''] = overlaysOf('Without any key');
    const account = objectsOf(await buildOwn(keyless)).find(({ kind }) => kind === 'ServiceAccount');
    assert.match(Object(account?.metadata).annotations['eks.amazonaws.com/role-arn'], /111122223333/);
  });

  test('is, in the README, the same with less', async () => {
    const [, block = ''] = /```yaml\n([^]*?)```/.exec(await readFile(join(root, 'README.md'), 'utf8')) ?? [];
    const objects = objectsOf(await buildOwn(block));
    assert.equal(ofKind(objects, 'ConfigMap')[0]?.data?.['AWS_REGION'], 'eu-west-1');
    assert.equal(ofKind(objects, 'Deployment').length, 1);
  });

  test('is the only kind of which the page has examples', () => {
    const count = page.match(/^ *```yaml$/gm)?.length;
    assert.equal(
      count,
      ['Install', 'Settings of your own', 'Without any key', 'Every new pod'].flatMap(overlaysOf).length,
    );
  });
});

describe('the way from installing to removing it', () => {
  let kubernetes: Kubernetes;
  let directory: string;
  let path: string;

  before(async () => {
    kubernetes = await startKubernetes({ namespaceDeletionMs: 50 });
    kubernetes.createNamespace('shop');
    directory = await mkdtemp(join(tmpdir(), 'ecr-cred-helper-'));
    path = `${dirname(await bundledTool('kubectl'))}:${process.env['PATH']}`;
    await writeFile(join(directory, 'kubeconfig'), kubernetes.kubeconfig());
    await writeFile(join(directory, 'ecr-credentials'), '[default]\n');
    await overlay(own);
  });
  after(async () => {
    await kubernetes.close();
    await rm(directory, { recursive: true, force: true });
  });

  test('every object is one that the API server would take', async () => {
    await typed('kubectl create namespace ecr-cred-helper --save-config');
    for (const text of [own, ownCronJob]) {
      await overlay(text);
      const said = await typed('kubectl apply --server-side --dry-run=server -k .');
      assert.match(said, /serverside-applied \(server dry run\)/);
    }
    await overlay(own);
    for (const path of overlays.filter((each) => !each.includes('base'))) {
      await typed(`kubectl apply --server-side --dry-run=server -k ${join(root, path)}`);
    }
    const optional = ['network-policy', 'service-monitor', 'alerts', 'alerts-cronjob', 'dashboard', 'prune'];
    const [namespaceLine = ''] = /^.*components\/namespace.*\n/m.exec(own) ?? [];
    const lines = optional.map((name) => namespaceLine.replace('components/namespace', `components/${name}`));
    await overlay(own.replace(namespaceLine, `${namespaceLine}${lines.join('')}`));
    await typed('kubectl apply --server-side --dry-run=server -k .');
    await overlay(own);
    await typed('kubectl delete namespace ecr-cred-helper --wait');
  });

  test('install', async () => {
    const [create = '', key = '', apply = '', label = '', pass = '', pull = '', ...more] = commandsOf('Install');
    assert.deepEqual(more, []);
    for (const command of [create, key, apply, label, pull])
      assert.ok(!(await typed(command)).includes('Warning'), command);
    assert.deepEqual(namesOf('apps/v1', 'Deployment'), ['ecr-cred-helper']);
    // The way of the CronJob.
    await overlay(ownCronJob);
    for (const command of [apply, pass]) await typed(command);
    assert.deepEqual(namesOf('batch/v1', 'Job'), ['first-pass']);
    await overlay(own);
  });

  test('apply again, with another image, while a first pass is unfinished', async () => {
    await overlay(ownCronJob);
    await typed("sed -i 's#newName: .*#newName: registry.example.com/other#' kustomization.yaml && kubectl apply -k .");
    await overlay(own);
  });

  test('verify', async () => {
    const [rollout = '', secret = '', job = '', pods = '', logs = '', ...more] = commandsOf('Verify');
    assert.deepEqual(more, []);
    await status('deployment/ecr-cred-helper', rolledOut);
    await status('job/first-pass', { conditions: [{ type: 'Complete', status: 'True' }] });
    kubernetes.apply({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'ecr-creds', namespace: 'shop' } });
    for (const command of [rollout, secret, job, pods, logs]) await typed(command);
  });

  test('from the CronJob to the controller, and back', async () => {
    const [rollout = '', there = '', back = '', roles = '', ...more] = commandsOf(
      'From the CronJob to the controller, and back',
    );
    assert.deepEqual(more, []);
    for (const command of [rollout, there]) await typed(command);
    assert.deepEqual(namesOf('batch/v1', 'CronJob'), []);
    assert.deepEqual(namesOf('apps/v1', 'Deployment'), ['ecr-cred-helper']);
    for (const command of [back, roles]) await typed(command);
    assert.deepEqual(namesOf('apps/v1', 'Deployment'), []);
    assert.deepEqual(namesOf('v1', 'ConfigMap'), []);
    // What both need is still there.
    assert.deepEqual(namesOf('rbac.authorization.k8s.io/v1', 'ClusterRole'), ['ecr-cred-helper']);
    assert.deepEqual(namesOf('v1', 'ServiceAccount'), ['ecr-cred-helper']);
  });

  test('rotate the key', async () => {
    const [rotate = ''] = commandsOf('Without any key');
    assert.match(await typed(rotate), /^secret\/aws-creds replaced$/m);
  });

  test('upgrade', async () => {
    const [apply = '', rollout = '', ...more] = commandsOf('Upgrade');
    assert.deepEqual(more, []);
    await typed(apply);
    await status('deployment/ecr-cred-helper', rolledOut);
    await typed(rollout);
  });

  test('uninstall, with the secrets', async () => {
    const [stop = '', prune = '', remove = '', namespace = '', ...more] = commandsOf('Uninstall');
    assert.deepEqual(more, []);
    kubernetes.remove('v1', 'Secret', 'shop', 'ecr-creds');
    kubernetes.apply(pullSecret('shop'), 'ecr-cred-helper');
    await typed(stop);
    await typed(prune, root);
    assert.equal(kubernetes.getSecret('shop', 'ecr-creds'), undefined);
    for (const command of [remove, namespace]) await typed(command);
    for (const kind of ['ClusterRole', 'ClusterRoleBinding']) {
      assert.deepEqual(namesOf('rbac.authorization.k8s.io/v1', kind), []);
    }
  });

  async function overlay(text: string): Promise<void> {
    await writeFile(join(directory, 'kustomization.yaml'), fromHere(text, directory));
  }

  /** Runs a command in a shell, as the reader would; it must end well. */
  async function typed(command: string, cwd = directory): Promise<string> {
    const env = { PATH: path, HOME: directory, KUBECONFIG: join(directory, 'kubeconfig') };
    const { code, stdout, stderr } = await run('bash', ['-c', `cd ${cwd} && ${command}`], env);
    assert.equal(code, 0, `${command}: ${stdout}${stderr}`);
    process.stdout.write(`$ ${command}\n${stdout}${stderr}`);
    return stdout + stderr;
  }

  /** What the controllers of a cluster would write; nothing runs pods here. */
  async function status(of: string, value: object): Promise<void> {
    const patch = JSON.stringify({ status: value });
    await typed(`kubectl -n ecr-cred-helper patch ${of} --subresource=status --type=merge -p '${patch}'`);
  }

  /** The names of objects of ours. */
  function namesOf(apiVersion: string, kind: string): string[] {
    const names = kubernetes.list(apiVersion, kind).map(({ metadata }) => metadata.name);
    return names.filter((name) => name.startsWith('ecr-cred-helper') || name === 'first-pass');
  }
});
