/** What doctor says of an installation by Helm, typed: what kubectl changed there would be gone with the next upgrade. */
import assert from 'node:assert/strict';
import { cp, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { run, withDirectory } from '../emulators/tools.ts';
import { bundledTool } from '../support/bundled-tools.ts';
import { startTypingStage, type TypingStage } from '../support/typing.ts';
import { chart } from './chart.ts';

type Told = { reason: string; severity: string; fix: string; command?: string; looked: string };

const namespace = 'platform';
const published = 'oci://ghcr.io/ecr-cred-helper/charts/ecr-cred-helper --version 2.0.0';
const others = { auths: { 'registry.example.com': { auth: Buffer.from('a:b').toString('base64') } } };

for (const helm of ['helm', 'helm3'] as const) {
  it(`an installation as a dependency of another chart says nothing of values, to ${helm}`, async () => {
    await withDirectory(async (folder) => {
      await cp(chart, join(folder, 'charts/ecr-cred-helper'), { recursive: true });
      await writeFile(join(folder, 'Chart.yaml'), 'apiVersion: v2\nname: platform\nversion: 7.0.0\n');
      const rendered = async (of: string, value: string): Promise<string> => {
        const { code, stdout, stderr } = await run(await bundledTool(helm), ['template', 'x', of, '--set', value]);
        assert.equal(code, 0, stderr);
        assert.match(stdout, /^kind: CronJob$/m);
        return stdout;
      };
      // An upgrade of that release to this chart would take everything else of it away.
      const within = await rendered(folder, 'ecr-cred-helper.settings.AWS_REGION=us-east-1');
      assert.doesNotMatch(within, /ecr-cred-helper\/chart-version/);
      assert.match(await rendered(chart, 'settings.AWS_REGION=us-east-1'), /ecr-cred-helper\/chart-version: 2\.0\.0/);
    });
  });

  describe(`doctor, of a release of ${helm === 'helm' ? 'Helm 4' : 'Helm 3'}`, () => {
    let stage: TypingStage;
    before(async () => {
      stage = await startTypingStage(dirname(await bundledTool(helm)));
      const { kubernetes } = stage.playground;
      kubernetes.createNamespace(namespace);
      kubernetes.apply({
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: 'shop', labels: { credentialType: 'ecr' } },
      });
      kubernetes.apply({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'ecr-creds', namespace: 'shop' },
        type: 'kubernetes.io/dockerconfigjson',
        data: { '.dockerconfigjson': Buffer.from(JSON.stringify(others)).toString('base64') },
      });
      await typed(`kubectl -n ${namespace} create secret generic aws-creds --from-file=credentials=ecr-credentials`);
      await typed(
        `helm install pulls ${chart} -n ${namespace} --set settings.AWS_REGION=us-east-1,cronjob.schedule='0 */6 * * *'`,
      );
    });
    after(() => stage.close());

    async function typed(command: string): Promise<string> {
      const here = command.replaceAll(published, chart);
      const { code, stdout, stderr } = await run('bash', ['-c', `cd ${stage.folder}\n${here}`], stage.env);
      assert.equal(code, 0, `${here}: ${stdout}${stderr}`);
      return stdout;
    }

    async function told(): Promise<Told[]> {
      const { findings } = JSON.parse(await typed('ecr-cred-helper doctor -o json || true'));
      return findings;
    }

    it('has the fence put up by a value of the release', async () => {
      const missing = (await told()).find(({ reason }) => reason === 'FenceMissing');
      assert.match(
        missing?.command ?? '',
        /^helm upgrade pulls .* -n platform --reset-then-reuse-values --set-json fence\.enabled=true$/,
      );
      await typed(missing?.command ?? '');
      const after = await told();
      assert.ok(
        after.some(({ reason }) => reason === 'FenceStands'),
        JSON.stringify(after),
      );
    });

    it('has its schedule changed there', async () => {
      const slack = (await told()).find(({ reason }) => reason === 'ScheduleLeavesNoSlack');
      assert.match(slack?.command ?? '', /^helm upgrade pulls .* --set-json 'cronjob\.schedule="17 \*\/4 \* \* \*"'$/);
      await typed(slack?.command ?? '');
      assert.ok((await told()).some(({ reason }) => reason === 'ScheduleFits'));
    });

    it('has a setting changed in its values, which leaves the others', async () => {
      const refused = (await told()).find(({ reason }) => reason === 'SecretHoldsOtherRegistries');
      assert.match(refused?.command ?? '', /^helm upgrade pulls .* --set-json 'settings\.ECR_ON_CONFLICT="merge"'$/);
      await typed(refused?.command ?? '');
      await typed(`kubectl -n ${namespace} create job --from=cronjob/pulls-ecr-cred-helper now`);
      await typed(`kubectl -n ${namespace} wait --for=condition=complete --timeout=1m job/now`);
      assert.ok(!(await told()).some(({ reason }) => reason === 'SecretHoldsOtherRegistries'));
      const secret = stage.playground.kubernetes.getSecret('shop', 'ecr-creds');
      const { auths } = JSON.parse(
        Buffer.from(String(Object(secret?.['data'])['.dockerconfigjson']), 'base64').toString(),
      );
      assert.equal(Object.keys(auths).length, 2);
      const values = JSON.parse(await typed(`helm get values pulls -n ${namespace} -o json`));
      assert.deepEqual(values, {
        cronjob: { schedule: '17 */4 * * *' },
        fence: { enabled: true },
        settings: { AWS_REGION: 'us-east-1', ECR_ON_CONFLICT: 'merge' },
      });
    });

    it('says that a wrong setting stands in its values', async () => {
      await typed(
        `kubectl -n ${namespace} patch configmap pulls-ecr-cred-helper --type=merge -p '{"data":{"ECR_DEADLINE":"soon"}}'`,
      );
      const wrong = (await told()).find(({ looked, severity }) => looked === 'ECR_DEADLINE' && severity === 'problem');
      assert.equal(wrong?.command, `helm get values pulls -n ${namespace}`);
      await typed(wrong.command);
    });
  });
}
