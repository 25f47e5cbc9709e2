import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { until } from '../support/until.ts';
import { passesOnOwnServer } from '../../bench/own-server.ts';
import { openStage, type Stage } from '../../bench/stage.ts';
import { startKubernetes } from '../../emulators/kubernetes/index.ts';

const never = new AbortController().signal;
const extent = { rounds: 1, atATime: [4] };

describe('the bench on an API server of somebody', () => {
  let stage: Stage;
  let theirs: Awaited<ReturnType<typeof startKubernetes>>;
  let kubeconfig: string;
  before(async () => {
    [stage, theirs] = await Promise.all([openStage(), startKubernetes({ namespaceDeletionMs: 10 })]);
    kubeconfig = join(stage.directory, 'theirs');
    await writeFile(kubeconfig, theirs.kubeconfig(), { mode: 0o600 });
    theirs.createNamespace('team-a', { credentialType: 'ecr' });
  });
  after(async () => {
    await Promise.all([stage.close(), theirs.close()]);
  });

  it('compares program and floor in namespaces of its own, and removes these', async () => {
    const { figures } = await passesOnOwnServer(stage, { kubeconfig, namespaces: 5 }, never, extent);
    assert.deepEqual(Object.keys(figures), ['5 at 4', 'peak bytes at 1', 'peak bytes at 5']);
    const { requests } = theirs.stats.counts();
    // Those that make the secrets, and one round of either, over one namespace and over five.
    assert.equal(requests['PATCH secrets'], 5 + 2 * (1 + 5));
    assert.equal(requests['DELETE namespaces'], 5);
    assert.equal(theirs.getSecret('team-a', 'ecr-creds'), undefined);
    assert.equal(stage.kubernetes.stats.counts().requests['PATCH secrets'], undefined);
  });

  it('removes them where it fails, too', async () => {
    theirs.stats.reset();
    theirs.faults.add({ match: { verb: 'patch', resource: 'secrets' }, effect: { status: 403 } });
    await assert.rejects(passesOnOwnServer(stage, { kubeconfig, namespaces: 2 }, never, extent), /AdmissionDenied/);
    theirs.faults.clear();
    theirs.faults.add({ match: { verb: 'create', resource: 'namespaces' }, times: 1, effect: { status: 403 } });
    await assert.rejects(passesOnOwnServer(stage, { kubeconfig, namespaces: 2 }, never, extent), /POST .*Forbidden/);
    const { requests } = theirs.stats.counts();
    assert.equal(requests['CREATE namespaces'], 3);
    assert.equal(requests['DELETE namespaces'], 2);
  });

  it('removes them where it is interrupted, and says what deletes those that it cannot', async () => {
    theirs.stats.reset();
    theirs.faults.clear();
    const early = passesOnOwnServer(stage, { kubeconfig, namespaces: 3 }, AbortSignal.abort(), extent);
    await assert.rejects(early, /It was interrupted/);
    const stop = new AbortController();
    const interrupted = passesOnOwnServer(stage, { kubeconfig, namespaces: 3 }, stop.signal, extent);
    await until('all are there', () => theirs.stats.counts().requests['PATCH secrets'] === 3);
    theirs.faults.add({ match: { verb: 'delete', resource: 'namespaces' }, times: 1, effect: { status: 403 } });
    stop.abort();
    await assert.rejects(
      interrupted,
      /^Error: Not all .*: kubectl --kubeconfig \S+\/theirs delete namespace ecr-bench-\w+-0$/,
    );
    assert.equal(theirs.stats.counts().requests['DELETE namespaces'], 3);
    theirs.faults.clear();
  });
});
