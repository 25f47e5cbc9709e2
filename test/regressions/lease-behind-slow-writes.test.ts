/** The Lease waited behind slow writes and was lost; kept connections that were dead were tried one after the other, for 21 s. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { controllerCluster } from '../../src/adapters/kubernetes/controller-cluster.ts';
import { createTransport } from '../../src/adapters/kubernetes/requests.ts';
import { fixedConnection, json, serverOfSuite } from '../adapters/kubernetes/api-server.ts';

const { signal: never } = new AbortController();

describe('a request', () => {
  const server = serverOfSuite();
  const transport = (timeoutMs: number, concurrency: number) =>
    createTransport(fixedConnection(server().url), { timeoutMs, concurrency, userAgent: 'test/1', nowMs: () => 0 });

  it('for the Lease does not wait behind slow writes, however many there are', async () => {
    const open = transport(5000, 2);
    const cluster = controllerCluster(open);
    const { promise: leaseWasRead, resolve: release } = Promise.withResolvers<void>();
    server().handler = (request, response) => {
      const answer = () => json({ kind: 'Object' })(request, response);
      if (request.url?.includes('leases') === true) answer();
      else void leaseWasRead.then(answer);
    };
    const apply = { secretName: 's', body: '{}', fieldManager: 'm', force: false, dryRun: false };
    const slow = ['a', 'b', 'c', 'd'].map((namespace) => cluster.applySecret({ namespace, ...apply }, never));
    assert.equal((await cluster.readLease({ namespace: 'n', name: 'l' }, never)).kind, 'answer');
    release();
    await Promise.all(slow);
    open.close();
  });

  it('that nobody answers in time has the other kept connections closed: they are not tried one after the other', async () => {
    for (let isTold = false; !isTold;) {
      const open = transport(1000, 4);
      const ask = (path: string) => open.request({ method: 'GET', path }, never);
      server().handler = json({ kind: 'Status' });
      await Promise.all([1, 2, 3, 4].map(() => ask('/well')));
      server().handler = (request, response) => {
        if (request.url === '/well') json({ kind: 'Status' })(request, response);
      };
      let isOver = false;
      const hanging = ask('/hangs').then((reply) => {
        isOver = true;
        return reply;
      });
      // Idle ones are closed after a while anyway: another has to be used while the request hangs, about the middle of it.
      await sleep(500);
      await ask('/well');
      // On a machine so busy that it came too late, nothing is told by it.
      isTold = !isOver;
      const reply = await hanging;
      assert.equal(reply.kind === 'broken' && reply.cause, 'TimedOut');
      const { connections } = server();
      assert.equal((await ask('/well')).kind, 'answer');
      if (isTold) assert.equal(server().connections, connections + 1, 'on a new connection');
      open.close();
    }
  });
});
