import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { startAws } from '../../emulators/aws/server.ts';
import { startReplica, type Replica } from '../support/replica.ts';
import { until } from '../support/until.ts';
import { clusterUnderTest, label, passwordIn, prefix, uidOf, type Cluster } from './cluster.ts';

describe('the controller, end to end', () => {
  let cluster: Cluster;
  let aws: Awaited<ReturnType<typeof startAws>>;
  let leader: Replica;
  let standby: Replica;
  const replicas: Replica[] = [];

  before(async () => {
    aws = await startAws({});
    cluster = await clusterUnderTest();
    await cluster.createNamespace('before', { [label]: 'ecr' });
    await cluster.createNamespace('plain', {});
    leader = start('leader');
    await leader.leads();
    standby = start('standby');
    await Promise.all([leader.ready(), standby.ready()]);
  });
  after(async () => {
    for (const replica of replicas) replica.kill('SIGKILL');
    await Promise.all(replicas.map(({ exit }) => exit));
    await cluster.close();
    await aws.close();
  });

  it('serves the namespaces that are there, and no other', async () => {
    await served('before');
    assert.equal(await cluster.secret('plain'), undefined);
  });

  it('serves a namespace that gains the label', async () => {
    await cluster.createNamespace('gains', {});
    await cluster.label('gains', { [label]: 'ecr' });
    await served('gains');
  });

  it('puts a deleted secret back', async () => {
    const uid = uidOf(await cluster.secret('before'));
    await cluster.deleteSecret('before');
    await until('another secret', async () => {
      const next = uidOf(await cluster.secret('before'));
      return next !== undefined && next !== uid;
    });
    await served('before');
  });

  it('says on a namespace why it cannot be served', async () => {
    await cluster.createNamespace('opaque', {});
    await cluster.create(`/api/v1/namespaces/${prefix}-opaque/secrets`, {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'ecr-creds' },
      type: 'Opaque',
    });
    await cluster.label('opaque', { [label]: 'ecr' });
    await until('a Warning', async () => (await cluster.eventReasons('opaque')).includes('SecretTypeDiffers'));
    await cluster.deleteSecret('opaque');
    await served('opaque');
    await until('a Normal', async () => (await cluster.eventReasons('opaque')).includes('PullSecretRecovered'));
    assert.equal((await cluster.eventReasons('opaque')).length, 2);
  });

  it('removes the secret of a namespace that loses the label, where it is told to', async () => {
    await cluster.label('gains', { [label]: null });
    await until('it is gone', async () => (await cluster.secret('gains')) === undefined);
  });

  it('hands over at SIGTERM', async () => {
    assert.equal(await leader.stop(), 0);
    await standby.leads();
    await cluster.createNamespace('after', { [label]: 'ecr' });
    await served('after');
  });

  it('takes over where the leader is killed, and puts right what happened meanwhile', async () => {
    const third = start('third');
    await third.ready();
    standby.kill('SIGKILL');
    await standby.exit;
    await cluster.deleteSecret('after');
    await cluster.createNamespace('meanwhile', { [label]: 'ecr' });
    await third.leads();
    await served('after');
    await served('meanwhile');
    assert.equal(await third.stop(), 0);
  });

  async function served(name: string): Promise<void> {
    await until(`${name} served`, async () => {
      const secret = await cluster.secret(name);
      return secret?.['type'] === 'kubernetes.io/dockerconfigjson' && aws.isTokenValid(passwordIn(secret));
    });
  }

  function start(name: string): Replica {
    const replica = startReplica(
      name,
      [],
      {
        PATH: process.env['PATH'] ?? '',
        HOME: process.env['HOME'] ?? '',
        KUBECONFIG: cluster.kubeconfig,
        ECR_LABEL_NAME: label,
        ECR_LEASE_NAMESPACE: `${prefix}-home`,
        ECR_LISTEN: '127.0.0.1:0',
        ECR_PRUNE: 'true',
        LOG_FORMAT: 'json',
        AWS_ENDPOINT_URL: aws.url,
        AWS_ACCESS_KEY_ID: aws.defaults.accessKeyId,
        AWS_SECRET_ACCESS_KEY: aws.defaults.secretAccessKey,
        AWS_DEFAULT_REGION: 'us-east-1',
      },
      [process.execPath, 'src/main.ts'],
    );
    replicas.push(replica);
    return replica;
  }
});
