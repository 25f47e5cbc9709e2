import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findPods, waitingPod, type PodFacts, type WaitingPod } from '../../../src/core/doctor/pods.ts';

const host = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
const waiting = (reason: string, image = `${host}/app:1`) => ({
  image,
  state: { waiting: { reason, message: 'denied' } },
});
const pod = (status: object, spec: object = {}) => ({ metadata: { namespace: 'shop', name: 'web' }, spec, status });

describe('a pod', () => {
  it('waits for an image of ECR where a container of it does', () => {
    const spec = { serviceAccountName: 'web', imagePullSecrets: [{ name: 'ecr-creds' }, null] };
    assert.deepEqual(waitingPod(pod({ containerStatuses: [{ state: {} }, waiting('ImagePullBackOff')] }, spec)), {
      namespace: 'shop',
      name: 'web',
      serviceAccount: 'web',
      pullSecrets: ['ecr-creds'],
      image: `${host}/app:1`,
      host,
      reason: 'ImagePullBackOff',
      message: 'denied',
    });
  });
  it('waits where one that comes before its containers does', () => {
    const found = waitingPod(pod({ initContainerStatuses: [waiting('ErrImagePull')] }));
    assert.deepEqual([found?.reason, found?.serviceAccount, found?.pullSecrets], ['ErrImagePull', 'default', []]);
  });
  const others: Record<string, unknown> = {
    runs: pod({ containerStatuses: [{ state: { running: {} } }] }),
    'waits for something else': pod({ containerStatuses: [waiting('CrashLoopBackOff')] }),
    'waits for an image of somebody else': pod({ containerStatuses: [waiting('ErrImagePull', 'docker.io/app:1')] }),
    'is none': null,
  };
  for (const [title, each] of Object.entries(others)) {
    it(`is passed over where it ${title}`, () => assert.equal(waitingPod(each), undefined));
  }
});

describe('why a pod waits for an image', () => {
  const one: WaitingPod = {
    namespace: 'shop',
    name: 'web',
    serviceAccount: 'default',
    pullSecrets: ['ecr-creds'],
    image: `${host}/app:1`,
    host,
    reason: 'ErrImagePull',
    message: 'denied',
  };
  const facts: PodFacts = {
    waiting: [one],
    labelled: new Set(['shop']),
    label: 'credentialType=ecr',
    secretName: 'ecr-creds',
    hosts: [host],
  };
  const cases: Record<string, [facts: Partial<PodFacts>, reasons: string[]]> = {
    'is the label where its namespace has none': [{ labelled: new Set() }, ['PodNamespaceUnlabelled']],
    "is none of ours where the cluster's own namespace has none": [
      { labelled: new Set(), waiting: [{ ...one, namespace: 'kube-system' }] },
      ['PodOfOthers'],
    ],
    'is none of ours where its namespace has none, and its image is of another registry': [
      { labelled: new Set(), hosts: ['999999999999.dkr.ecr.us-east-1.amazonaws.com'] },
      ['PodOfOthers'],
    ],
    'is the pod where it does not name the secret': [
      { waiting: [{ ...one, pullSecrets: ['other'] }] },
      ['PodNamesNoSecret'],
    ],
    'is the secret where it has no login for that registry': [{ hosts: ['other.example'] }, ['PodRegistryUnserved']],
    'is what the node says where all of that is right': [{}, ['PodPullFails']],
    'is what the node says where nobody knows the registries': [{ hosts: [] }, ['PodPullFails']],
    'is nothing where none waits': [{ waiting: [] }, ['PodsPull']],
    'is not known where not all could be seen': [{ waiting: [], incomplete: 'late' }, ['CouldNotLook']],
  };
  for (const [title, [changes, reasons]] of Object.entries(cases)) {
    it(title, () =>
      assert.deepEqual(
        findPods({ ...facts, ...changes }).map(({ reason }) => reason),
        reasons,
      ),
    );
  }

  it('is never something that a shell would do: what an image is called is up to whoever made the pod', () => {
    const image = `${host}/app:1;$(id)`;
    const [found] = findPods({ ...facts, waiting: [{ ...one, image, pullSecrets: ['ecr-creds', '$(id)'] }] });
    assert.ok(found?.fix.endsWith(`: ecr-cred-helper explain ${one.name} -n ${one.namespace}`), found?.fix);
    const [other] = findPods({ ...facts, waiting: [{ ...one, pullSecrets: ["'; id; '"] }] });
    assert.ok(other?.fix.includes(String.raw`{"name":"'\''; id; '\''"}`), other?.fix);
  });
  it('is told once for all pods of one Deployment that wait for one image', () => {
    const owner = { kind: 'deployment', name: 'web' } as const;
    const waiting = Array.from({ length: 50 }, (_, index) => ({ ...one, name: `web-${index}`, owner }));
    const [found, ...more] = findPods({ ...facts, waiting });
    assert.deepEqual(more, []);
    assert.equal(found?.looked, 'pod shop/web-0 and 49 more of deployment web');
    assert.equal(findPods({ ...facts, waiting: [one, { ...one, name: 'other' }] }).length, 2);
  });

  const kinds = {
    'in its template where a Deployment makes it': [
      { owner: { kind: 'deployment', name: 'web' } },
      `kubectl -n shop patch deployment web -p '{"spec":{"template":{"spec":{"imagePullSecrets":[{"name":"ecr-creds"}]}}}}'`,
    ],
    'in its ServiceAccount where a Job makes it, whose template cannot change; what the account has besides stays': [
      { owner: { kind: 'job', name: 'web' }, pullSecrets: ['other'] },
      `kubectl -n shop patch serviceaccount default -p '{"imagePullSecrets":[{"name":"other"},{"name":"ecr-creds"}]}' && kubectl -n shop delete pod web`,
    ],
    'in its ServiceAccount where nobody makes it, which is made anew from what it was': [
      {},
      `kubectl -n shop patch serviceaccount default -p '{"imagePullSecrets":[{"name":"ecr-creds"}]}' && kubectl -n shop get pod web -o json | kubectl replace --force -f -`,
    ],
    'without a list of its own, which goes before that of its account': [
      { pullSecrets: ['other'] },
      `kubectl -n shop patch serviceaccount default -p '{"imagePullSecrets":[{"name":"other"},{"name":"ecr-creds"}]}' && kubectl -n shop get pod web -o json | kubectl patch --local -f - --type=json -p '[{"op":"remove","path":"/spec/imagePullSecrets"}]' -o json | kubectl replace --force -f -`,
    ],
  } as const satisfies Record<string, readonly [Partial<WaitingPod>, string]>;
  for (const [title, [changes, command]] of Object.entries(kinds)) {
    it(`is given the secret ${title}`, () => {
      const [found] = findPods({ ...facts, waiting: [{ ...one, pullSecrets: [], ...changes }] });
      assert.equal(found?.fix, `Name it there: ${command}`);
    });
  }
  it('is a name that is nearly right, which is taken out', () => {
    const owner = { kind: 'daemonset', name: 'web' } as const;
    const [found] = findPods({ ...facts, waiting: [{ ...one, pullSecrets: ['ecr-cred', 'other'], owner }] });
    assert.match(found?.found ?? '', /name ecr-cred, and not ecr-creds$/);
    assert.equal(
      found?.fix,
      `Did you mean ecr-creds? Name it there: kubectl -n shop patch daemonset web -p '{"spec":{"template":{"spec":{"imagePullSecrets":[{"$patch":"delete","name":"ecr-cred"},{"name":"ecr-creds"}]}}}}'`,
    );
  });
  it('is a registry that is to be added to those there are, or was mistyped', () => {
    const other = '999999999999.dkr.ecr.us-east-1.amazonaws.com';
    const near = '123456789021.dkr.ecr.us-east-1.amazonaws.com';
    const set = (name: string, value: string) => `kubectl set ${name}=${value}`;
    const fix = (hosts: string[], changes: Partial<PodFacts> = {}) => findPods({ ...facts, hosts, ...changes })[0]?.fix;
    assert.equal(fix([other], { set }), `Have it served: kubectl set DOCKER_REGISTRY=${other},${host}`);
    assert.equal(fix([other]), `Set DOCKER_REGISTRY to ${other},${host}`);
    assert.match(fix([near], { set }) ?? '', new RegExp(`^Did you mean ${near}\\? Else have it served: kubectl`));
  });
});

describe('what makes a pod', () => {
  const made = (kind: string, name: string, labels: object = {}) => {
    const metadata = { namespace: 'n', name: 'p', labels, ownerReferences: [{ kind, name, controller: true }] };
    return waitingPod({ metadata, status: { containerStatuses: [waiting('ErrImagePull')] } })?.owner;
  };
  it('is the Deployment behind its ReplicaSet', () => {
    assert.deepEqual(made('ReplicaSet', 'web-5f7', { 'pod-template-hash': '5f7' }), {
      kind: 'deployment',
      name: 'web',
    });
    assert.deepEqual(made('ReplicaSet', 'web-5f7'), { kind: 'replicaset', name: 'web-5f7' });
  });
  it('is a StatefulSet, a DaemonSet or a Job, and of what nobody knows none', () => {
    const kinds = ['StatefulSet', 'DaemonSet', 'Job', 'Workflow'].map((kind) => made(kind, 'x')?.kind);
    assert.deepEqual(kinds, ['statefulset', 'daemonset', 'job', undefined]);
  });
});
