/** What a tenant wrote, as far as an API server takes it, and what doctor and explain then have somebody type who may do more. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { waitingPod, servedStage, type Stage, type Told } from './stage.ts';

const theirs = 'their-command';
/** Names that Kubernetes does not hold to any form: of what is referred to, of owners, of roles. */
const named = (what: string) => `${what}: kubectl delete namespace $(${theirs}); ${theirs} #`;
const namespace = 'team-a';

describe('nothing that a tenant wrote is a command', () => {
  let stage: Stage;
  before(async () => {
    stage = await servedStage();
    stage.kubernetes.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { namespace, name: 'theirs' } });
    const env = [{ name: 'A', valueFrom: { secretKeyRef: { name: named('secret'), key: 'A' } } }];
    const container = {
      name: 'ecr-cred-helper',
      image: `kubectl delete namespace $(${theirs})/ecr-cred-helper`,
      env: [
        ...env,
        ...['ECR_SECRET_NAM', 'ECR_CONCURRENCY', 'AWS_REGION'].flatMap((name) => [
          { name, value: `${named('value')} ` },
          { name: named(name), value: ' ' },
        ]),
      ],
      envFrom: [{ configMapRef: { name: named('configmap') } }],
    };
    stage.kubernetes.apply({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: {
        namespace,
        name: 'theirs',
        labels: { 'app.kubernetes.io/name': 'ecr-cred-helper', 'app.kubernetes.io/managed-by': 'Helm' },
        annotations: {
          'meta.helm.sh/release-name': named('release'),
          'meta.helm.sh/release-namespace': namespace,
          'ecr-cred-helper/chart-version': named('version'),
        },
      },
      spec: {
        schedule: '0 0 * * *',
        jobTemplate: {
          spec: {
            template: { spec: { containers: [container], restartPolicy: 'Never', serviceAccountName: 'theirs' } },
          },
        },
      },
    });
    for (const [at, kind] of ['ReplicaSet', 'StatefulSet', 'DaemonSet', 'Job'].entries()) {
      await waitingPod(stage, `waits-${at}`, { secrets: [named('pull-secret'), 'ecr-cred'] });
      const owner = { apiVersion: 'apps/v1', kind, name: `${named('owner')}-hash`, uid: String(at), controller: true };
      await stage.merge(`/api/v1/namespaces/${namespace}/pods/waits-${at}`, {
        metadata: { ownerReferences: [owner], labels: at === 0 ? { 'pod-template-hash': 'hash' } : {} },
      });
    }
    const rbac = 'rbac.authorization.k8s.io';
    const metadata = { namespace, name: named('role') };
    const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['delete'] }];
    stage.kubernetes.apply({ apiVersion: `${rbac}/v1`, kind: 'Role', metadata, rules });
    stage.kubernetes.apply({
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { apiGroup: rbac, kind: 'Role', name: metadata.name },
      subjects: [{ kind: 'ServiceAccount', name: 'theirs', namespace }],
    });
  });
  after(() => stage.close());

  it('that doctor says', async () => {
    const told = await stage.told();
    isQuoted(told);
    const reasons = told.filter((each) => JSON.stringify(each).includes(theirs)).map(({ reason }) => reason);
    for (const reason of ['ReferenceMissing', 'PodNamesNoSecret', 'RoleAllowsMore', 'ImageTagFloats'])
      assert.ok(reasons.includes(reason), `${reason} is not in ${reasons.join(', ')}`);
  });

  it('that explain says', async () => {
    const args = ['explain', 'waits-1', '-n', namespace, '--output', 'json'];
    const { stdout } = await stage.run(args, stage.laptop);
    const { findings }: { findings: Told[] } = JSON.parse(stdout);
    isQuoted(findings);
    assert.ok(
      findings.some(({ command = '' }) => command.includes(theirs)),
      stdout,
    );
  });
});

/** Between quotes of a shell a name is a name, whatever stands in it. */
function isQuoted(told: readonly Told[]): void {
  for (const { reason, command = '' } of told) {
    const unquoted = command.replaceAll(/'[^']*'/g, "''");
    assert.ok(!unquoted.includes(theirs), `${reason}: ${command}`);
  }
}
