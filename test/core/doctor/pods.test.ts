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

  it('is mended with what the pod had besides, since a ServiceAccount has its list taken whole', () => {
    const [found] = findPods({ ...facts, waiting: [{ ...one, pullSecrets: ['other'] }] });
    assert.ok(found?.fix.includes(`-p '{"imagePullSecrets":[{"name":"other"},{"name":"ecr-creds"}]}'`), found?.fix);
  });
});
