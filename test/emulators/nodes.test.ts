/** The emulated node and controllers, as far as somebody who tries the README rests on them. */
import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { after, before, it } from 'node:test';
import type { Pod } from 'kubernetes-types/core/v1.js';
import { startKubernetes, type Kubernetes } from '../../emulators/kubernetes/index.ts';
import { startNodes } from '../../emulators/nodes/index.ts';
import { until } from '../support/until.ts';

let kubernetes: Kubernetes;
let nodes: ReturnType<typeof startNodes>;
before(async () => {
  kubernetes = await startKubernetes();
  nodes = startNodes({
    kubernetes,
    pull: () => Promise.resolve({ ok: true, digest: 'sha256:0', blobs: 0, sizeBytes: 0 }),
    program: { image: 'none', command: ['false'] },
    env: {},
    directory: tmpdir(),
    backOffMs: 100,
  });
});
after(async () => {
  await nodes.close();
  await kubernetes.close();
});

const deployment = (replicas: number, image: string) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { namespace: 'default', name: 'web' },
  spec: {
    replicas,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image }] } },
  },
});
const running = (image: string) =>
  (kubernetes.list('v1', 'Pod', 'default') as readonly Pod[]).filter(
    ({ spec, status }) => spec?.containers[0]?.image === image && status?.phase === 'Running',
  );

it('a Deployment whose template changes gets other pods, and one that is scaled as many as it is to have', async () => {
  kubernetes.apply(deployment(2, 'example.com/web:1'));
  await until('two pods', () => running('example.com/web:1').length === 2);
  kubernetes.apply(deployment(2, 'example.com/web:2'));
  await until('two others', () => running('example.com/web:2').length === 2);
  assert.deepEqual(running('example.com/web:1'), []);
  kubernetes.apply(deployment(1, 'example.com/web:2'));
  await until('one of them', () => running('example.com/web:2').length === 1);
});
