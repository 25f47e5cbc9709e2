import assert from 'node:assert/strict';
import { Agent, request } from 'node:https';
import { connect } from 'node:http2';
import { after, afterEach, before, describe, it } from 'node:test';
import { startKubernetes } from '../../../emulators/kubernetes/index.ts';
import type { FaultEffect, Kubernetes } from '../../../emulators/kubernetes/index.ts';

interface Reply {
  status: number;
  headers: Record<string, unknown>;
  body: string;
}

describe('faults of the Kubernetes emulator', () => {
  let kubernetes: Kubernetes;
  let agent: Agent;

  before(async () => {
    kubernetes = await startKubernetes();
    agent = new Agent({ keepAlive: true, ca: kubernetes.caPem });
  });

  after(async () => {
    agent.destroy();
    await kubernetes.close();
  });

  afterEach(() => kubernetes.faults.clear());

  const send = (path: string, method = 'GET', body?: object): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? '' : JSON.stringify(body);
      const headers = { authorization: `Bearer ${kubernetes.adminToken}`, 'content-length': Buffer.byteLength(text) };
      const sent = request(`${kubernetes.url}${path}`, { method, agent, headers }, (response) => {
        let received = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (received += chunk));
        response.once('error', reject);
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body: received }),
        );
      });
      sent.once('error', reject);
      sent.end(text);
    });

  const meet = (effect: FaultEffect): void =>
    kubernetes.faults.add({ match: { verb: 'list', resource: 'namespaces' }, times: 1, effect });

  const path = '/api/v1/namespaces';

  it('a 429 is plain text with Retry-After, once', async () => {
    meet({ status: 429 });
    const refused = await send(path);
    assert.equal(refused.status, 429);
    assert.equal(refused.headers['retry-after'], '1');
    assert.equal(refused.body, 'Too many requests, please try again later.\n');
    assert.equal((await send(path)).status, 200);
  });

  it('meets nothing but what it matches', async () => {
    kubernetes.faults.add({ match: { resource: 'secrets' }, effect: { status: 500 } });
    assert.equal((await send(path)).status, 200);
    assert.equal((await send('/api/v1/secrets')).status, 500);
  });

  it('a truncated body ends early and is framed as if it were whole', async () => {
    meet({ truncateAtByte: 20 });
    const { status, body } = await send(path);
    assert.equal(status, 200);
    assert.equal(body, '{"kind":"NamespaceLi');
  });

  for (const bytes of [0, 1, 50, 400]) {
    it(`the connection breaks after ${bytes} bytes`, async () => {
      meet({ breakAfterBytes: bytes });
      await assert.rejects(send(path), /socket hang up|ECONNRESET|aborted/);
    });
  }

  it('a broken HTTP/2 connection fails its streams', async () => {
    meet({ breakAfterBytes: 400 });
    const session = connect(kubernetes.url, { ca: kubernetes.caPem });
    session.on('error', () => undefined);
    const stream = session.request({ ':path': path, authorization: `Bearer ${kubernetes.adminToken}` });
    stream.on('error', () => undefined);
    stream.resume();
    await new Promise((resolve) => session.once('close', resolve));
    assert.notEqual(stream.rstCode, 0);
    session.destroy();
  });

  it('a page after a compaction is 410', async () => {
    const first = JSON.parse((await send(`${path}?limit=1`)).body) as { metadata: { continue: string } };
    kubernetes.compact();
    const next = await send(`${path}?limit=1&continue=${encodeURIComponent(first.metadata.continue)}`);
    assert.equal(next.status, 410);
  });

  it('a deletion for another uid is refused and the object stays', async () => {
    kubernetes.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's', namespace: 'default' },
      data: { a: 'Yg==' },
    });
    const preconditions = { uid: '00000000-0000-0000-0000-000000000000' };
    const refused = await send('/api/v1/namespaces/default/secrets/s', 'DELETE', { preconditions });
    assert.equal(refused.status, 409);
    assert.ok(kubernetes.getSecret('default', 's'));
  });

  it('answers again on the same port after a restart, with what was stored', async () => {
    kubernetes.createNamespace('kept');
    await kubernetes.restart();
    const again = await send(`${path}/kept`).catch(() => send(`${path}/kept`));
    assert.equal(again.status, 200);
  });

  it('counts requests by verb and resource until it is reset', async () => {
    kubernetes.stats.reset();
    await send(path);
    await send(`${path}/default`);
    assert.deepEqual(kubernetes.stats.counts().requests, { 'LIST namespaces': 1, 'GET namespaces': 1 });
  });
});
