import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { createMetrics } from '../../src/adapters/controller/metrics.ts';
import { serveProbes } from '../../src/adapters/controller/probes.ts';
import { runController, type ControllerCommandDeps } from '../../src/commands/controller.ts';
import type { ApiReply } from '../../src/core/api/reply.ts';
import type { ControllerCluster, WatchEnd } from '../../src/ports.ts';
import { settingsOf } from '../simulation/settings.ts';
import { registryHost } from '../simulation/model/ecr.ts';
import { epochMs } from '../simulation/virtual-time.ts';
import { sinkOf } from '../support/sink.ts';
import { standingTime } from '../support/standing-time.ts';

const minute = 60_000;
const answer = (status: number, body: unknown): ApiReply => ({ kind: 'answer', status, body });
const listed = { 'k8s.io/initial-events-end': 'true' };

/** A controller that runs alone, with one labelled namespace, and serves its probes on a port of its own. */
async function stage(test: TestContext, begun: { isListing?: true } = {}) {
  const time = standingTime();
  /** `isAsleep`: no sleep ends by itself any more, as if the wake-up were lost. */
  const world = { isAsleep: false, isCut: false, isListing: false, applies: 0, end: () => {}, ...begun };
  const told: string[] = [];
  const revision = () => String(100 + world.applies);
  const clock = {
    ...time.clock,
    sleep(delayMs: number, signal?: AbortSignal) {
      if (!world.isAsleep) return time.clock.sleep(delayMs, signal);
      return new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve()));
    },
  };
  const cluster: Partial<ControllerCluster> = {
    server: 'https://kube',
    watchTopic({ kind }, _, { opened, event }, signal) {
      if (world.isCut) return Promise.resolve(answer(403, { message: `User "x" cannot watch resource "${kind}"` }));
      opened?.();
      const metadata = { name: 'team', uid: 'u', resourceVersion: '5' };
      const secret = { name: 'ecr-creds', namespace: 'team', resourceVersion: revision() };
      if (kind === 'namespaces') event({ type: 'ADDED', object: { metadata } });
      else if (world.applies > 0) event({ type: 'ADDED', object: { metadata: secret } });
      if (!(world.isListing && kind === 'secrets'))
        event({ type: 'BOOKMARK', object: { metadata: { resourceVersion: revision(), annotations: listed } } });
      return new Promise<WatchEnd>((resolve) => {
        const end = () => resolve({ kind: 'ended', why: 'the server ended it' });
        signal.addEventListener('abort', end);
        const before = world.end;
        world.end = () => (before(), end());
      });
    },
    listTopic: () => Promise.resolve(answer(200, { items: [], metadata: { resourceVersion: revision() } })),
    applySecret() {
      world.applies += 1;
      return Promise.resolve(answer(200, { kind: 'Secret', metadata: { resourceVersion: revision() } }));
    },
    createEvent: () => Promise.resolve(answer(201, { kind: 'Event' })),
  };
  const log = (level: string, message: string) => void told.push(`${level}: ${message}`);
  const listening = Promise.withResolvers<number>();
  const deps: ControllerCommandDeps = {
    cluster: cluster as ControllerCluster, // all that it asks for here
    tokens: {
      issue: () =>
        Promise.resolve({
          kind: 'answer',
          authorizationToken: Buffer.from(`AWS:secret`).toString('base64'),
          expiresAtMs: epochMs + time.nowMs() + 720 * minute,
          proxyEndpoint: `https://${registryHost}`,
        }),
    },
    clock,
    random: () => 0.5,
    log,
    sink: sinkOf(),
    metrics: createMetrics('1', sinkOf()),
    async listen(_, answers) {
      const probes = await serveProbes({ host: '127.0.0.1', port: 0 }, answers);
      if (probes.ok) listening.resolve(probes.value.port);
      return probes;
    },
    identity: 'me',
    podNamespace: undefined,
  };
  const stop = new AbortController();
  const running = runController(settingsOf('controller', { ECR_LEADER_ELECTION: 'false' }), deps, stop.signal);
  const port = await listening.promise;
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return `${response.status} ${(await response.text()).trim()}`;
  };
  test.after(async () => {
    world.isAsleep = false;
    stop.abort('SIGTERM');
    await time.until(time.nowMs() + 2 * minute);
    assert.equal(await running, 0);
  });
  return { ...time, world, told, get };
}

describe('a controller that runs', () => {
  it('is well and ready once it has served what it knows', async (test) => {
    const { until, get, world } = await stage(test);
    await until(1000);
    assert.deepEqual([await get('/healthz'), await get('/readyz'), world.applies], ['200 ok', '200 ok', 1]);
  });

  it('writes nothing before it has seen both the namespaces and the secrets that there are', async (test) => {
    const { until, get, world } = await stage(test, { isListing: true });
    await until(minute);
    assert.deepEqual([world.applies, await get('/healthz')], [0, '200 ok']);
    assert.equal(await get('/readyz'), '503 namespaces and secrets are not in sync yet');
    world.isListing = false;
    world.end();
    await until(2 * minute);
    assert.deepEqual([world.applies, await get('/readyz')], [1, '200 ok']);
  });

  it('is not well where a part of it should have gone on long ago, names it, and says so', async (test) => {
    const { until, get, world, told } = await stage(test);
    await until(1000);
    world.isAsleep = true;
    await until(10 * minute);
    const health = await get('/healthz');
    assert.match(health, /^503 the [a-z ]+ should have gone on more than a minute ago$/);
    assert.ok(told.includes('error: The controller is stuck, and asks to be restarted'));
  });

  it('is neither ready nor in sync, and well, where it cannot see what happens for half a minute', async (test) => {
    const { until, get, world } = await stage(test);
    await until(minute);
    world.isCut = true;
    world.end();
    await until(minute + 29_000);
    assert.equal(await get('/readyz'), '200 ok', "a moment is nobody's concern");
    await until(minute + 35_000);
    assert.match(await get('/readyz'), /^503 the API server does not let namespaces, secrets or the Lease be seen$/);
    assert.match(await get('/metrics'), /^ecr_cred_helper_synced 0$/m);
    assert.equal(await get('/healthz'), '200 ok');
    world.isCut = false;
    await until(2 * minute);
    assert.equal(await get('/readyz'), '200 ok');
    assert.match(await get('/metrics'), /^ecr_cred_helper_synced 1$/m);
  });

  it('says of each part what is wrong with it, and what to do, where it is asked to', async (test) => {
    const { until, get, world } = await stage(test);
    await until(minute);
    const parts = ['tokens', 'namespaces', 'secrets', 'lease', 'events'];
    const well = parts.map((part) => `[+]${part} ok`).join('\n');
    assert.equal(await get('/readyz?verbose'), `200 [+]leads, and has served every namespace\n${well}\nok`);
    world.isCut = true;
    world.end();
    await until(minute + 35_000);
    const [first, ...lines] = (await get('/readyz?verbose=1')).split('\n');
    assert.equal(first, '503 [+]leads, and has served every namespace');
    assert.match(
      lines[1] ?? '',
      /^\[-\]namespaces failed, ApiWatchForbidden: .*cannot watch resource.* Bind a ClusterRole/,
    );
    assert.match(lines[2] ?? '', /^\[-\]secrets failed, ApiWatchForbidden: /);
    assert.equal(lines[3], '[+]lease ok');
    assert.match(lines.at(-1) ?? '', /^the API server does not let/);
  });

  it('writes its new tokens everywhere when it has them', async (test) => {
    const { until, world } = await stage(test);
    await until(350 * minute);
    assert.equal(world.applies, 1);
    await until(365 * minute);
    assert.equal(world.applies, 2);
  });
});
