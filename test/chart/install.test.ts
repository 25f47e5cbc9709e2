/** The chart in a cluster: docs/chart.md typed from top to bottom, and what Helm itself says to type, by Helm 4 and Helm 3. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { root } from '../deploy/manifests.ts';
import { run } from '../emulators/tools.ts';
import { bundledTool } from '../support/bundled-tools.ts';
import { startTypingStage, type TypingStage } from '../support/typing.ts';
import { chart } from './chart.ts';

type Block = { kind: 'sh' | 'yaml'; section: string; text: string };

const page = await readFile(join(root, 'docs/chart.md'), 'utf8');
const blocks = page.split(/^##+ /m).flatMap((part) => {
  const section = part.split('\n')[0] ?? '';
  return [...part.matchAll(/^```(sh|yaml)\n([^]*?)^```$/gm)].map(([, kind, text = '']): Block => ({
    kind: kind === 'sh' ? 'sh' : 'yaml',
    section,
    text,
  }));
});
const address = 'oci://ghcr.io/ecr-cred-helper/charts/ecr-cred-helper --version 2.0.0';

for (const helm of ['helm', 'helm3'] as const) {
  describe(`docs/chart.md, typed with ${helm === 'helm' ? 'Helm 4' : 'Helm 3'}`, () => {
    let stage: TypingStage;
    const said = new Map<string, string>();
    before(async () => {
      stage = await startTypingStage(dirname(await bundledTool(helm)));
    });
    after(() => stage.close());

    async function typed(text: string): Promise<string> {
      const here = text.replaceAll(address, chart).replaceAll('npm start --silent --', 'ecr-cred-helper');
      const { code, stdout, stderr } = await run('bash', ['-e', '-c', `cd ${stage.folder}\n${here}`], stage.env);
      assert.equal(code, 0, `${here}${stdout}${stderr}`);
      return stdout;
    }

    // What is taken away before an install has a test of its own.
    for (const { kind, section, text } of blocks.filter((block) => block.section !== 'From kustomize')) {
      it(`${section}: ${text.split('\n')[0]}`, async () => {
        if (kind === 'yaml') await writeFile(join(stage.folder, 'values.yaml'), text);
        else said.set(section, (said.get(section) ?? '') + (await typed(text)));
      });

      if (section !== 'Settings of your own' || kind !== 'sh') continue;
      it('serves a namespace that is labelled now, under the roles and the fence of the chart', async () => {
        stage.playground.kubernetes.createNamespace('late', { credentialType: 'ecr' });
        await typed('until kubectl -n late get secret ecr-creds; do sleep 0.1; done');
        const roles = await typed('kubectl get clusterrole,validatingadmissionpolicy -o name');
        assert.match(roles, /ecr-cred-helper-controller\n/);
        assert.match(roles, /ecr-cred-helper-fence\n/);
      });
    }

    it('had doctor find nothing to fix, in either way to run', () => {
      for (const section of ['Install', 'Settings of your own']) {
        assert.match(said.get(section) ?? '', /^Nothing to fix, \d+ to know/m, said.get(section));
        assert.doesNotMatch(said.get(section) ?? '', /RoleAllowsMore|PermissionMissing/);
      }
    });

    it('left nothing of the release, and none of its pull secrets', () => {
      const { kubernetes } = stage.playground;
      for (const [version, kind] of [
        ['rbac.authorization.k8s.io/v1', 'ClusterRole'],
        ['rbac.authorization.k8s.io/v1', 'ClusterRoleBinding'],
        ['admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy'],
      ] as const) {
        const names = kubernetes.list(version, kind).map(({ metadata }) => metadata.name);
        assert.deepEqual(
          names.filter((name) => name.includes('ecr-cred-helper')),
          [],
        );
      }
      for (const namespace of ['shop', 'late']) assert.equal(kubernetes.getSecret(namespace, 'ecr-creds'), undefined);
    });
  });
}

describe('what Helm prints after an install', () => {
  let stage: TypingStage;
  before(async () => {
    stage = await startTypingStage(dirname(await bundledTool('helm')));
  });
  after(() => stage.close());

  async function typed(command: string): Promise<string> {
    const { code, stdout, stderr } = await run('bash', ['-c', `cd ${stage.folder}\n${command}`], stage.env);
    assert.equal(code, 0, `${command}: ${stdout}${stderr}`);
    return stdout;
  }

  /** What stands on lines of its own, two spaces in. */
  const commandsIn = (notes: string) =>
    [...notes.matchAll(/^ {2}((?:kubectl|helm|npx) .*)$/gm)].map(([, line]) => line ?? '');

  const ways: Record<string, string> = {
    cronjob: '',
    controller: ',mode=controller,fence.enabled=true,settings.ECR_SECRET_NAME=login,settings.ECR_LABEL_NAME=pulls',
  };
  for (const [mode, more] of Object.entries(ways)) {
    it(`can be typed as it stands, for the ${mode}`, async () => {
      const { kubernetes } = stage.playground;
      const namespace = `of-${mode}`;
      kubernetes.createNamespace(namespace);
      const install = `helm install pulls ${chart} -n ${namespace} --set settings.AWS_REGION=us-east-1${more}`;
      const commands = commandsIn(await typed(`${install} --dry-run=client`));
      assert.equal(commands.length, mode === 'cronjob' ? 7 : 6);
      const [first = '', ...others] = commands;
      // A kubelet would bring the key to pods that are there already, within a minute.
      assert.match(first, /create secret/);
      await typed(first);
      await typed(install);
      for (const command of others) await typed(command.replace(/^npx ecr-cred-helper@2\.0\.0/, 'ecr-cred-helper'));
      await typed(`helm uninstall pulls -n ${namespace}`);
      kubernetes.deleteNamespace(namespace);
      kubernetes.deleteNamespace('shop');
      kubernetes.createNamespace('shop');
    });
  }

  it('is the same release after what kustomize installed was taken away', async () => {
    const [, away = ''] = page.split(/^## From kustomize$/m).map((part) => /^```sh\n([^]*?)^```$/m.exec(part)?.[1]);
    const { kubernetes } = stage.playground;
    kubernetes.createNamespace('ecr-cred-helper');
    await typed('kubectl -n ecr-cred-helper create secret generic aws-creds --from-file=credentials=ecr-credentials');
    await typed('kubectl label namespace shop credentialType=ecr');
    await typed(
      `kubectl apply -k ${join(root, 'deploy/controller')} && kubectl apply -k ${join(root, 'deploy/cronjob')}`,
    );
    await typed('kubectl -n ecr-cred-helper rollout status deployment/ecr-cred-helper');
    await typed('until kubectl -n shop get secret ecr-creds; do sleep 0.1; done');
    const before = kubernetes.getSecret('shop', 'ecr-creds')?.metadata.uid;
    await typed(away);
    for (const mode of ['controller', 'cronjob']) {
      await typed(
        `helm upgrade --install ecr-cred-helper ${chart} -n ecr-cred-helper --set mode=${mode},settings.AWS_REGION=us-east-1`,
      );
    }
    await typed('helm rollback ecr-cred-helper 1 -n ecr-cred-helper');
    await typed('kubectl -n ecr-cred-helper rollout status deployment/ecr-cred-helper');
    assert.equal(kubernetes.getSecret('shop', 'ecr-creds')?.metadata.uid, before);
  });
});
