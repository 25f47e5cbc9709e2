/** The Lease waited behind slow writes and was lost; kept connections that were dead were tried one after the other, for 21 s. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { controllerCluster } from '../../src/adapters/kubernetes/controller-cluster.ts';
import { createTransport } from '../../src/adapters/kubernetes/requests.ts';
import { fixedConnection, json, startApiServer, type ApiServer } from '../adapters/kubernetes/api-server.ts';

const { signal: never } = new AbortController();

describe('a request', () => {
  let api: ApiServer;
  before(async () => {
    api = await startApiServer();
  });
  after(() => api.close());
  beforeEach(() => {
    api.requests.length = 0;
    api.connections = 0;
    api.handler = json({ kind: 'Status' });
  });
  const transport = (timeoutMs: number, concurrency: number) =>
    createTransport(fixedConnection(api.url), { timeoutMs, concurrency, userAgent: 'test/1', nowMs: () => 0 });

  it('for the Lease does not wait behind slow writes, however many there are', async () => {
    const open = transport(5000, 2);
    const cluster = controllerCluster(open);
    const held: (() => void)[] = [];
    api.handler = (request, response) => {
      if (request.url?.includes('leases') === true) json({ kind: 'Lease' })(request, response);
      else held.push(() => json({ kind: 'Secret' })(request, response));
    };
    const apply = { secretName: 's', body: '{}', fieldManager: 'm', force: false, dryRun: false };
    const slow = ['a', 'b', 'c', 'd'].map((namespace) => cluster.applySecret({ namespace, ...apply }, never));
    const reply = await cluster.readLease({ namespace: 'n', name: 'l' }, never);
    assert.equal(reply.kind, 'answer');
    while (held.length > 0) {
      held.shift()?.();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await Promise.all(slow);
    open.close();
  });

  it('that nobody answers in time has the other kept connections closed: they are not tried one after the other', async () => {
    const open = transport(300, 4);
    await Promise.all([1, 2, 3, 4].map(() => open.request({ method: 'GET', path: '/' }, never)));
    api.handler = (request, response) => {
      if (request.url === '/well') json({ kind: 'Status' })(request, response);
    };
    const hanging = open.request({ method: 'GET', path: '/' }, never);
    // Used not long ago, another one would be kept for a while yet.
    await new Promise((resolve) => setTimeout(resolve, 250));
    await open.request({ method: 'GET', path: '/well' }, never);
    const reply = await hanging;
    assert.equal(reply.kind === 'broken' && reply.cause, 'TimedOut');
    const { connections } = api;
    assert.equal((await open.request({ method: 'GET', path: '/well' }, never)).kind, 'answer');
    assert.equal(api.connections, connections + 1, 'on a new connection');
    open.close();
  });
});
