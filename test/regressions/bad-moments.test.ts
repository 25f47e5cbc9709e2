/** Moments at which everything went wrong at once: real processes, under load. */
import assert from 'node:assert/strict';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { after, afterEach, describe, it } from 'node:test';
import { labels, startStage, type Stage, type StageOptions } from '../support/controller-stage.ts';
import { troubledServers } from '../support/servers.ts';
import { until } from '../support/until.ts';

describe('a bad moment', () => {
  let stage: Stage;
  const servers = troubledServers();
  afterEach(() => stage.close());
  after(() => servers.close());
  const begin = async (options: StageOptions = {}) => (stage = await startStage(options));

  it(
    'SIGTERM in the midst of much work: it ends in order, and the standby does the rest',
    { timeout: 60_000 },
    async () => {
      const { kubernetes } = await begin();
      kubernetes.faults.add({ match: { verb: 'patch', resource: 'secrets' }, effect: { delayMs: 50 } });
      const leader = await stage.start();
      await leader.leads();
      const standby = await stage.start();
      const names = kubernetes.createNamespaces(400, 'many', labels);
      await until('it is at work', () => stage.isServed(names[60] ?? ''));
      assert.equal(await leader.stop(), 0);
      assert.ok(
        names.some((name) => !stage.isServed(name)),
        'there was work left',
      );
      await standby.leads();
      await stage.served(...names);
      assert.deepEqual(stage.writesOutOfTurn(), []);
    },
  );

  it(
    '429 for everything, for longer than the Lease lasts: all is served once it is over, and nobody had died',
    { timeout: 60_000 },
    async () => {
      const { kubernetes } = await begin();
      const replicas = [await stage.start(), await stage.start()];
      const names = kubernetes.createNamespaces(100, 'many', labels);
      await stage.served(...names);
      const [leader] = replicas.filter((replica) => replica.find('Leading') !== undefined);
      kubernetes.faults.add({
        match: {},
        effect: { status: 429, body: 'Too many requests', headers: { 'retry-after': '1' } },
      });
      for (const name of names) kubernetes.remove('v1', 'Secret', name, 'ecr-creds');
      kubernetes.dropConnections();
      await until('it does not lead', () => leader?.find('No longer leading') !== undefined);
      for (let round = 0; round < 50; round += 1) {
        for (const replica of replicas) assert.equal((await replica.get('/healthz')).status, 200);
        await setTimeout(100);
      }
      kubernetes.faults.clear();
      await stage.served(...names);
      for (const replica of replicas) await replica.ready();
    },
  );

  it(
    'ten namespaces that hang and eight that are touched without end: the others are served, the health answers, the Lease is kept',
    { timeout: 60_000 },
    async () => {
      const { kubernetes } = await begin();
      const hanging = kubernetes.createNamespaces(10, 'hang', labels);
      const restless = kubernetes.createNamespaces(8, 'touched', labels);
      for (const namespace of hanging) {
        kubernetes.faults.add({ match: { verb: 'patch', resource: 'secrets', namespace }, effect: { hang: true } });
      }
      // They hang for longer than the test lasts.
      const replica = await stage.start({ ECR_REQUEST_TIMEOUT: '10m', ECR_DEADLINE: '1h' });
      await replica.leads();
      let slowestMs = 0;
      for (let round = 0; round < 50; round += 1) {
        for (const namespace of restless) touch(kubernetes, namespace, round);
        kubernetes.createNamespace(`late-${round}`, labels);
        const beganMs = performance.now();
        assert.equal((await replica.get('/healthz')).status, 200);
        slowestMs = Math.max(slowestMs, performance.now() - beganMs);
        await setTimeout(100);
      }
      await stage.served(...Array.from({ length: 50 }, (_, round) => `late-${round}`));
      assert.ok(slowestMs < 1000, `health took ${slowestMs} ms`);
      assert.equal(replica.count('No longer leading'), 0);
    },
  );

  it(
    'every connection half open: the Lease is kept, and tokens are renewed over others',
    { timeout: 60_000 },
    async () => {
      const { kubernetes } = await begin({ tokenLifeMs: 24_000 });
      const frozen = new Set<Socket>();
      let isFrozen: (socket: Socket) => boolean = () => false;
      // What is frozen neither brings anything nor breaks off, as behind a firewall that forgot it.
      const port = await servers.listen(
        createServer((socket) => {
          const there = connect(kubernetes.port, '127.0.0.1');
          for (const [from, to] of [
            [socket, there],
            [there, socket],
          ] as const) {
            from.on('data', (data) => isFrozen(socket) || to.destroyed || to.write(data));
            from.on('error', () => undefined);
            from.on('close', () => isFrozen(socket) || to.destroy());
          }
          frozen.add(socket);
        }),
      );
      const replica = await stage.start({ KUBERNETES_SERVICE_PORT: String(port), ECR_REQUEST_TIMEOUT: '2s' });
      const names = kubernetes.createNamespaces(20, 'many', labels);
      await stage.served(...names);
      await replica.ready();
      const passwords = names.map((name) => stage.password(name));
      const old = new Set(frozen);
      isFrozen = (socket) => old.has(socket);
      await until(
        'all are renewed',
        () => names.every((name, index) => stage.password(name) !== passwords[index]),
        24_000,
      );
      assert.equal(replica.count('No longer leading'), 0);
    },
  );
});

/** Somebody puts a login of their own there, another each time. */
function touch({ apply }: Pick<Stage['kubernetes'], 'apply'>, namespace: string, round: number): void {
  const auths = { 'other.example': { auth: String(round) } };
  const data = { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') };
  const metadata = { name: 'ecr-creds', namespace };
  apply({ apiVersion: 'v1', kind: 'Secret', type: 'kubernetes.io/dockerconfigjson', metadata, data }, 'somebody');
}
