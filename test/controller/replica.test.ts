import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import {
  fieldOf,
  labels,
  registry,
  secretName,
  startStage,
  withPrune,
  type Stage,
} from '../support/controller-stage.ts';
import type { Replica } from '../support/replica.ts';
import { until } from '../support/until.ts';

describe('the controller with one replica', () => {
  let stage: Stage;
  let replica: Replica;

  before(async () => {
    stage = await startStage();
    stage.kubernetes.createNamespace('there-before', labels);
    replica = await stage.start();
    await replica.ready();
  });
  after(() => stage.close());

  it('serves the namespaces that it finds', async () => {
    await stage.served('there-before');
  });

  it('serves a namespace that comes with the label, and one that gains it', async () => {
    stage.kubernetes.createNamespace('comes', labels);
    stage.kubernetes.createNamespace('gains', {});
    stage.kubernetes.createNamespace('plain', {});
    await stage.served('comes');
    assert.equal(stage.kubernetes.getSecret('gains', secretName), undefined);
    stage.kubernetes.apply(namespace('gains', labels));
    await stage.served('gains');
    assert.equal(stage.kubernetes.getSecret('plain', secretName), undefined);
  });

  it('leaves the secret of a namespace that loses the label as it is', async () => {
    stage.kubernetes.createNamespace('loses', labels);
    await stage.served('loses');
    const secret = stage.kubernetes.getSecret('loses', secretName);
    stage.kubernetes.apply(namespace('loses', { credentialType: 'none' }));
    stage.kubernetes.createNamespace('later', labels);
    await stage.served('later');
    assert.deepEqual(stage.kubernetes.getSecret('loses', secretName), secret);
    assert.equal(await replica.metric('prunes_total{result="SecretPruned"}'), 0);
  });

  it('puts a deleted secret back', async () => {
    stage.kubernetes.createNamespace('deleted', labels);
    await stage.served('deleted');
    stage.kubernetes.remove('v1', 'Secret', 'deleted', secretName);
    await stage.served('deleted');
  });

  it('puts an altered secret right, in place', async () => {
    stage.kubernetes.createNamespace('altered', labels);
    await stage.served('altered');
    const uid = stage.kubernetes.getSecret('altered', secretName)?.metadata.uid;
    alter('altered', 1);
    assert.equal(stage.isServed('altered'), false);
    await stage.served('altered');
    assert.equal(stage.kubernetes.getSecret('altered', secretName)?.metadata.uid, uid);
  });

  it('says once that somebody keeps changing a secret, and stops fighting', async () => {
    stage.kubernetes.createNamespace('contended', labels);
    await stage.served('contended');
    const before = await replica.metric('contentions_total');
    for (let round = 1; round <= 5; round += 1) {
      alter('contended', round);
      await stage.served('contended');
    }
    await until('it is reported', () => stage.events('contended').length > 0);
    const requests = writesTo('contended');
    for (let round = 6; round <= 12; round += 1) alter('contended', round);
    stage.kubernetes.createNamespace('after-the-fight', labels);
    await stage.served('after-the-fight');
    assert.equal(stage.isServed('contended'), false);
    assert.equal(writesTo('contended'), requests);

    assert.equal((await replica.metric('contentions_total')) - before, 1);
    assert.equal(await replica.metric('secrets{state="contended"}'), 1);
    const reports = replica.lines.filter(({ code }) => code === 'SecretContended');
    assert.deepEqual(
      reports.map(({ where, why }) => [where, why]),
      [['contended/ecr-creds', 'it was changed or deleted 5 times in a row']],
    );
    const [event, ...others] = stage.events('contended');
    assert.equal(others.length, 0);
    assert.deepEqual([fieldOf(event, 'type'), fieldOf(event, 'reason')], ['Warning', 'SecretContended']);
  });

  it('says on a namespace why its secret cannot be written and what to do, and once that it is over', async () => {
    stage.kubernetes.createNamespace('refused', {});
    stage.kubernetes.apply({ ...secretIn('refused'), type: 'Opaque' });
    stage.kubernetes.apply(namespace('refused', labels));
    const [warning] = await until('a Warning', () => {
      const events = stage.events('refused');
      return events.length > 0 && events;
    });
    assert.deepEqual([fieldOf(warning, 'type'), fieldOf(warning, 'reason')], ['Warning', 'SecretTypeDiffers']);
    const line = replica.find(({ code }) => code === 'SecretTypeDiffers');
    assert.match(String(fieldOf(warning, 'note')), /refused\/ecr-creds/);
    assert.ok(String(fieldOf(warning, 'note')).includes(String(line?.['fix'])), String(fieldOf(warning, 'note')));
    assert.deepEqual(fieldOf(warning, 'regarding'), {
      apiVersion: 'v1',
      kind: 'Namespace',
      name: 'refused',
      namespace: 'refused',
    });
    await until('it is counted', async () => (await replica.metric('secrets{state="refused"}')) === 1);

    stage.kubernetes.remove('v1', 'Secret', 'refused', secretName);
    await stage.served('refused');
    const said = await until('a Normal', () => {
      const events = stage.events('refused');
      return events.length > 1 && events;
    });
    assert.deepEqual(
      said.map((event) => `${String(fieldOf(event, 'type'))} ${String(fieldOf(event, 'reason'))}`).toSorted(),
      ['Normal PullSecretRecovered', 'Warning SecretTypeDiffers'],
    );
  });

  it('asks for nothing that its roles do not allow', () => {
    assert.deepEqual(
      stage.audit.filter(({ status }) => status === 401 || status === 403),
      [],
    );
  });

  /** Somebody else takes the login out and puts one for another registry in. */
  function alter(name: string, round: number): void {
    stage.kubernetes.apply({ ...secretIn(name, `round-${round}`), type: 'kubernetes.io/dockerconfigjson' }, 'somebody');
  }

  function writesTo(name: string): number {
    return stage.audit.filter(({ verb, resource, namespace: at }) => {
      return resource === 'secrets' && verb === 'patch' && at === name;
    }).length;
  }
});

describe('the controller with --prune', () => {
  let stage: Stage;
  let replica: Replica;

  before(async () => {
    stage = await startStage({ manifests: withPrune });
    replica = await stage.start({ ECR_PRUNE: 'true' });
    await replica.ready();
  });
  after(() => stage.close());

  it('removes the secret of a namespace that loses the label, and puts it back with the label', async () => {
    stage.kubernetes.createNamespace('loses', labels);
    await stage.served('loses');
    stage.kubernetes.apply(namespace('loses', { credentialType: 'none' }));
    await until('it is gone', () => stage.kubernetes.getSecret('loses', secretName) === undefined);
    await replica.said(({ reason }) => reason === 'SecretPruned');
    stage.kubernetes.apply(namespace('loses', labels));
    await stage.served('loses');
  });

  it('keeps a secret into which somebody else put something', async () => {
    stage.kubernetes.createNamespace('touched', labels);
    await stage.served('touched');
    const metadata = { name: secretName, namespace: 'touched', annotations: { 'example.com/owner': 'team' } };
    stage.kubernetes.apply({ apiVersion: 'v1', kind: 'Secret', metadata }, 'somebody');
    stage.kubernetes.apply(namespace('touched', { credentialType: 'none' }));
    await replica.said((line) => line['namespace'] === 'touched' && line['reason'] === 'SecretTouchedByOthers');
    assert.ok(stage.isServed('touched'));
  });

  it('keeps a secret that it did not make', async () => {
    stage.kubernetes.createNamespace('foreign', labels);
    await stage.served('foreign');
    stage.kubernetes.apply(namespace('foreign', { credentialType: 'none' }));
    await until('it is gone', () => stage.kubernetes.getSecret('foreign', secretName) === undefined);
    const made = stage.kubernetes.apply({ ...secretIn('foreign'), type: 'kubernetes.io/dockerconfigjson' }, 'somebody');
    stage.kubernetes.createNamespace('later', labels);
    await stage.served('later');
    assert.equal(stage.kubernetes.getSecret('foreign', secretName)?.metadata.uid, made.metadata.uid);
  });
});

function namespace(name: string, wanted: Record<string, string>): object {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: wanted } };
}

function secretIn(name: string, password = 'none'): object {
  const auth = Buffer.from(`AWS:${password}`).toString('base64');
  const config = JSON.stringify({ auths: { [registry]: { auth } } });
  const data = { '.dockerconfigjson': Buffer.from(config).toString('base64') };
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: secretName, namespace: name }, data };
}

describe('a secret that somebody pasted into a setting', () => {
  it('does not come out in the Lease, where replicas note their settings', async () => {
    const stage = await startStage();
    try {
      const pasted = ['kQ8fz2LmP0Va7', 'XcR4tYbN1sD6hJ9gW3eU5oKZxZx'].join('');
      const replica = await stage.start({ ECR_LABEL_VALUE: pasted });
      await replica.leads();
      const lease = JSON.stringify(stage.kubernetes.list('coordination.k8s.io/v1', 'Lease'));
      assert.match(lease, /ECR_SECRET_NAME.*ecr-creds/);
      assert.ok(!lease.includes(pasted.slice(0, 16)));
    } finally {
      await stage.close();
    }
  });
});
