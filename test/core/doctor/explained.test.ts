import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { explainedPod, findBackOff, findOtherWaits, triesIn } from '../../../src/core/doctor/explained.ts';

const host = '123456789012.dkr.ecr.us-east-1.amazonaws.com';
const nowMs = Date.UTC(2026, 0, 1, 12);
const metadata = { namespace: 'shop', name: 'web-0', creationTimestamp: '2026-01-01T11:00:00Z' };
const waits = (reason: string, image = `${host}/app:1`) => ({
  name: 'app',
  image,
  state: { waiting: { reason, message: 'said' } },
});
const pod = (status: object) => explainedPod({ metadata, status });
const reasons = (status: object) => findOtherWaits(pod(status)).map(({ reason }) => reason);

describe('what else keeps a pod', () => {
  const cases: Record<string, [status: object, reasons: string[]]> = {
    'is nothing where it runs': [{ phase: 'Running', containerStatuses: [{ state: { running: {} } }] }, ['PodPulls']],
    'is nothing else where it waits for an image of ECR': [{ containerStatuses: [waits('ImagePullBackOff')] }, []],
    'is a node': [{ conditions: [{ type: 'PodScheduled', status: 'False', message: '0/3' }] }, ['PodUnscheduled']],
    'is a Secret that is missing': [{ containerStatuses: [waits('CreateContainerConfigError')] }, ['PodWaitsForOther']],
    'is an init container that ends again and again': [
      { initContainerStatuses: [waits('CrashLoopBackOff')] },
      ['PodWaitsForOther'],
    ],
    'is a policy of its own': [{ containerStatuses: [waits('ErrImageNeverPull')] }, ['PodImageNeverPulled']],
    'is a name that is none': [{ containerStatuses: [waits('InvalidImageName', 'x:::')] }, ['PodImageNeverPulled']],
    'is a registry of others': [
      { containerStatuses: [waits('ErrImagePull', 'docker.io/app:1')] },
      ['PodImageNotOfEcr'],
    ],
    'is each of several': [
      {
        containerStatuses: [
          waits('ErrImagePull'),
          waits('ErrImagePull', 'docker.io/app:1'),
          waits('RunContainerError'),
        ],
      },
      ['PodWaitsForOther', 'PodImageNotOfEcr'],
    ],
  };
  for (const [title, [status, expected]] of Object.entries(cases)) {
    it(title, () => assert.deepEqual(reasons(status), expected));
  }
});

describe('when a kubelet tries again', () => {
  const pulling = (lastTimestamp: string, count?: number) => ({ reason: 'Pulling', lastTimestamp, count });
  it('is told by the last pull among the events', () => {
    const tries = triesIn([
      pulling('2026-01-01T11:00:00Z', 1),
      { reason: 'Failed', lastTimestamp: '2026-01-01T11:59:00Z', count: 9 },
      pulling('2026-01-01T11:58:00Z', 3),
      null,
    ]);
    assert.deepEqual(tries, { lastMs: Date.UTC(2026, 0, 1, 11, 58), times: 3 });
    assert.equal(triesIn([]), undefined);
  });

  const told = (times: number, secondsAgo: number) =>
    findBackOff(pod({}), { lastMs: nowMs - secondsAgo * 1000, times }, undefined, nowMs).found;
  const cases: Record<string, [times: number, secondsAgo: number, when: RegExp]> = {
    'ten seconds after the first': [1, 4, /again by itself in 6 s \(2026-01-01T12:00:06Z\)$/],
    'twice as long after each further one': [3, 10, / in 30 s /],
    'five minutes after the last at most': [20, 60, / in 4 min /],
    'any moment where that is over': [1, 60, /within five minutes$/],
  };
  for (const [title, [times, secondsAgo, when]] of Object.entries(cases)) {
    it(title, () => assert.match(told(times, secondsAgo), when));
  }
  it('is not known without events, and says so where the secret came after the pod', () => {
    const at = (hour: number) => findBackOff(pod({}), undefined, Date.UTC(2026, 0, 1) + hour * 3_600_000, nowMs).found;
    assert.match(
      at(11.5),
      /^its pull secret was written after it was made, and the pull secret opens the image now: .* within five minutes$/,
    );
    assert.match(at(10), /^the pull secret opens the image now/);
  });
});
