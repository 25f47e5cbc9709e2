import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { fieldOf, labels, startStage, type Stage } from '../support/controller-stage.ts';
import { until } from '../support/until.ts';

const lease = ['coordination.k8s.io/v1', 'Lease', 'ecr-cred-helper', 'ecr-cred-helper'] as const;
const leaseSeconds = 15;

describe('two replicas', () => {
  let stage: Stage;

  beforeEach(async () => {
    stage = await startStage();
  });
  afterEach(() => stage.close());

  /** One that leads and one that stands by; both ready. */
  async function pair() {
    const leader = await stage.start();
    await leader.leads();
    const standby = await stage.start();
    await Promise.all([leader.ready(), standby.ready()]);
    assert.equal(standby.find('Leading'), undefined);
    return { leader, standby };
  }

  function holder(): unknown {
    return fieldOf(fieldOf(stage.kubernetes.get(...lease), 'spec'), 'holderIdentity');
  }

  it('a standby watches the Lease and does not ask for it', async () => {
    const { standby } = await pair();
    const asked = () =>
      stage.audit.filter(({ credential, verb }) => credential === standby.credential && verb === 'get').length;
    // Without the watch it would ask every two seconds.
    await until('it asks for nothing any more', async () => {
      const before = asked();
      // That nothing is asked shows only with time.
      await new Promise((resolve) => setTimeout(resolve, 5000));
      return asked() === before;
    });
  });

  it('one leads and writes; the other is ready and writes nothing', async () => {
    const { leader, standby } = await pair();
    const names = stage.kubernetes.createNamespaces(20, 'many', labels);
    await stage.served(...names);
    assert.deepEqual(await Promise.all([leader.metric('leader'), standby.metric('leader')]), [1, 0]);
    await until('the standby sees it too', async () => (await standby.metric('secrets{state="valid"}')) === 20);
    const writers = stage.audit.filter(({ verb, resource }) => verb === 'patch' && resource === 'secrets');
    assert.deepEqual([...new Set(writers.map(({ credential }) => credential))], [leader.credential]);
    assert.equal(holder(), leader.find('Leading')?.['identity']);
  });

  it('at SIGTERM the leader finishes, releases the Lease and ends with 0; the standby takes over at once', async () => {
    const { leader, standby } = await pair();
    stage.kubernetes.faults.add({ match: { verb: 'patch', resource: 'secrets' }, effect: { delayMs: 50 } });
    const names = stage.kubernetes.createNamespaces(300, 'many', labels);
    await until('it is at work', () => stage.isServed(names[20] ?? ''));
    const stopped = leader.stop();
    const releasedMs = await leader.said('Lease released').then(() => Date.now());
    await standby.leads();
    const tookMs = Date.now() - releasedMs;
    assert.ok(tookMs < 500, `${tookMs} ms`);
    assert.equal(await stopped, 0);
    assert.equal(leader.find('What is still in flight is abandoned'), undefined);
    await stage.served(...names);
    assert.deepEqual(stage.writesOutOfTurn(), []);
  });

  it('kill -9 of the leader under load: the standby takes over within the lease, nothing is lost', async () => {
    const { leader, standby } = await pair();
    stage.kubernetes.faults.add({ match: { verb: 'patch', resource: 'secrets' }, effect: { delayMs: 50 } });
    const names = stage.kubernetes.createNamespaces(300, 'many', labels);
    await until('it is at work', () => stage.isServed(names[20] ?? ''));
    leader.kill('SIGKILL');
    await leader.exit;
    const killedMs = Date.now();
    stage.kubernetes.createNamespace('meanwhile', labels);
    stage.kubernetes.remove('v1', 'Secret', names[0] ?? '', 'ecr-creds');
    await standby.leads();
    const tookSeconds = (Date.now() - killedMs) / 1000;
    assert.ok(tookSeconds < leaseSeconds + 1, `${tookSeconds} s`);
    await stage.served('meanwhile', ...names);
    assert.deepEqual(stage.writesOutOfTurn(), []);
    assert.equal(holder(), standby.find('Leading')?.['identity']);
  });

  it('a leader that was frozen for longer than its lease does not write when it wakes', async () => {
    const { leader, standby } = await pair();
    stage.kubernetes.faults.add({ match: { verb: 'patch', resource: 'secrets' }, effect: { delayMs: 50 } });
    const names = stage.kubernetes.createNamespaces(300, 'many', labels);
    await until('it is at work', () => stage.isServed(names[20] ?? ''));
    leader.kill('SIGSTOP');
    await standby.leads();
    await stage.served(...names);
    leader.kill('SIGCONT');
    await leader.said('No longer leading');
    stage.kubernetes.remove('v1', 'Secret', names[0] ?? '', 'ecr-creds');
    await stage.served(...names);
    await leader.ready();
    assert.deepEqual(await Promise.all([leader.metric('leader'), standby.metric('leader')]), [0, 1]);
    assert.deepEqual(stage.writesOutOfTurn(), []);
  });

  it('one that is told to run alone would be seen to write out of turn', async () => {
    const leader = await stage.start();
    await leader.ready();
    const loner = await stage.start({ ECR_LEADER_ELECTION: 'false' });
    await loner.ready();
    const names = stage.kubernetes.createNamespaces(20, 'many', labels);
    await stage.served(...names);
    await until('both have written', () => stage.writesOutOfTurn().length > 0);
    assert.ok(stage.writesOutOfTurn().every(({ credential }) => credential === loner.credential));
  });
});
