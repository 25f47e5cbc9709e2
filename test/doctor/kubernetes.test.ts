import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { account, isGolden, wellStage, type Stage } from './stage.ts';

describe('doctor, of Kubernetes', () => {
  let stage: Stage;
  before(async () => {
    stage = await wellStage();
  });
  after(() => stage.close());
  afterEach(() => stage.kubernetes.faults.clear());

  it('names an API server that cannot be reached', async () => {
    const kubeconfig = join(stage.directory, 'elsewhere');
    await writeFile(kubeconfig, stage.kubernetes.kubeconfig().replace(stage.kubernetes.url, 'https://127.0.0.1:1'));
    await isGolden('api-unreachable', (more) => stage.doctor(more, { KUBECONFIG: kubeconfig }));
  });

  it('names one that does not know us', async () => {
    const kubeconfig = join(stage.directory, 'unknown');
    await writeFile(kubeconfig, stage.kubernetes.kubeconfig({ token: 'unknown' }));
    await isGolden('api-unauthorized', (more) => stage.doctor(more, { KUBECONFIG: kubeconfig }));
  });

  it('names a kubeconfig that is not there, and looks at AWS all the same', async () =>
    isGolden('api-no-kubeconfig', (more) => stage.doctor(more, { KUBECONFIG: '/nonexistent/kubeconfig' })));

  for (const [version, golden] of [
    ['v1.20.2', 'version-too-old'],
    ['v1.40.0', 'version-untested'],
  ] as const) {
    it(`judges the version ${version}`, async () => {
      const body = { major: '1', minor: version.slice(3, 5), gitVersion: version };
      stage.kubernetes.faults.add({ match: { verb: 'get', resource: '' }, effect: { status: 200, body } });
      await isGolden(golden, (more) => stage.doctor(more));
    });
  }

  it('names an account that we may not speak for', async () =>
    isGolden('as-forbidden', (more) =>
      stage.inCluster(['--as', 'system:serviceaccount:kube-system:default', ...more]),
    ));

  it('names an account that does not exist', async () =>
    isGolden('as-unknown', (more) =>
      stage.run(['doctor', '--as', 'system:serviceaccount:team-a:nobody', ...more], stage.laptop),
    ));

  it('tells what the role allows beyond need', async () => {
    stage.kubernetes.applyManifests([
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'wide' },
        rules: [
          { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'watch'] },
          { apiGroups: [''], resources: ['serviceaccounts/token'], verbs: ['create'] },
        ],
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRoleBinding',
        metadata: { name: 'wide' },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'wide' },
        subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: account }],
      },
    ]);
    try {
      await isGolden('role-too-wide', (more) => stage.doctor(more));
    } finally {
      stage.kubernetes.remove('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', '', 'wide');
    }
  });
});
