import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { controllerCluster } from '../../../src/adapters/kubernetes/controller-cluster.ts';
import { inventoryCluster } from '../../../src/adapters/kubernetes/inventory-cluster.ts';
import { createTransport } from '../../../src/adapters/kubernetes/requests.ts';
import { fixedConnection, json, serverOfSuite } from './api-server.ts';

const { signal: never } = new AbortController();
const namespaces = { kind: 'namespaces', labelSelector: 'a=b' } as const;
const secrets = { kind: 'secrets', secretName: 's' } as const;

describe('the requests of a controller', () => {
  const server = serverOfSuite();
  const transport = (timeoutMs = 5000) =>
    createTransport(fixedConnection(server().url), { timeoutMs, concurrency: 2, userAgent: 'test/1', nowMs: () => 0 });
  const asked = () => server().requests.map(({ method, url }) => `${method} ${url}`);

  it('are each for what they say, with the condition on which they rest', async () => {
    const open = transport();
    const cluster = controllerCluster(open);
    const listener = { event: () => {} };
    await cluster.listTopic({ ...namespaces, name: 'n' }, { limit: 1, continueToken: 't' }, never);
    await cluster.watchTopic(secrets, { timeoutSeconds: 300 }, listener, never);
    await cluster.watchTopic(namespaces, { timeoutSeconds: 300, resourceVersion: '7' }, listener, never);
    await cluster.watchLease({ namespace: 'n', name: 'l' }, { timeoutSeconds: 600 }, listener, never);
    await cluster.readLease({ namespace: 'n', name: 'l' }, never);
    await cluster.createLease({ namespace: 'n', name: 'l' }, '{}', never);
    await cluster.updateLease({ namespace: 'n', name: 'l' }, '{}', never);
    await cluster.deleteSecret({ namespace: 'n', secretName: 's' }, { uid: 'u', resourceVersion: '7' }, never);
    await cluster.createEvent('n', '{}' as never, never);
    open.close();
    assert.deepEqual(asked(), [
      'GET /api/v1/namespaces?labelSelector=a%3Db&fieldSelector=metadata.name%3Dn&limit=1&continue=t',
      'GET /api/v1/secrets?fieldSelector=metadata.name%3Ds&watch=true&allowWatchBookmarks=true&timeoutSeconds=300&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=',
      'GET /api/v1/namespaces?labelSelector=a%3Db&watch=true&allowWatchBookmarks=true&timeoutSeconds=300&resourceVersion=7',
      'GET /apis/coordination.k8s.io/v1/namespaces/n/leases?fieldSelector=metadata.name%3Dl&watch=true&allowWatchBookmarks=true&timeoutSeconds=600',
      'GET /apis/coordination.k8s.io/v1/namespaces/n/leases/l',
      'POST /apis/coordination.k8s.io/v1/namespaces/n/leases',
      'PUT /apis/coordination.k8s.io/v1/namespaces/n/leases/l',
      'DELETE /api/v1/namespaces/n/secrets/s',
      'POST /apis/events.k8s.io/v1/namespaces/n/events',
    ]);
  });

  it('delete and remove only the secret that was read', async () => {
    const open = transport();
    const still = { uid: 'u', resourceVersion: '7' };
    const place = { namespace: 'n', secretName: 's' };
    const sent: string[] = [];
    const spying = {
      ...open,
      request: (...[request, signal]: Parameters<typeof open.request>) => {
        sent.push(request.body ?? '');
        return open.request(request, signal);
      },
    };
    await controllerCluster(spying).deleteSecret(place, still, never);
    await inventoryCluster(spying).removeSecret(place, still, true, never);
    open.close();
    const options = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: still };
    assert.deepEqual(
      sent.map((body) => JSON.parse(body) as unknown),
      [options, { ...options, dryRun: ['All'] }],
    );
  });

  it('of status and prune are each for what they say', async () => {
    const open = transport();
    const cluster = inventoryCluster(open);
    await cluster.listSecrets({ secretName: 's', limit: 5 }, never);
    await cluster.listSecrets({ secretName: 's', namespace: 'n', limit: 5, continueToken: 't' }, never);
    await cluster.listServiceAccounts('n', { limit: 5 }, never);
    await cluster.patchServiceAccount({ namespace: 'n', name: 'a' }, '[]', true, never);
    open.close();
    assert.deepEqual(asked(), [
      'GET /api/v1/secrets?fieldSelector=metadata.name%3Ds&limit=5',
      'GET /api/v1/namespaces/n/secrets?fieldSelector=metadata.name%3Ds&limit=5&continue=t',
      'GET /api/v1/namespaces/n/serviceaccounts?limit=5',
      'PATCH /api/v1/namespaces/n/serviceaccounts/a?fieldManager=ecr-cred-helper&dryRun=All',
    ]);
  });

  describe('that watch', () => {
    const watched = async (chunks: readonly string[], end = true) => {
      const open = transport();
      const events: unknown[] = [];
      const stop = new AbortController();
      server().handler = (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        for (const chunk of chunks) response.write(chunk);
        if (end) response.end();
      };
      const listener = {
        event: (event: unknown) => {
          events.push(event);
          if (events.length === 2) stop.abort('enough');
        },
      };
      const ended = await controllerCluster(open).watchTopic(
        namespaces,
        { timeoutSeconds: 300 },
        listener,
        stop.signal,
      );
      open.close();
      return { events, why: ended.kind === 'ended' ? ended.why : ended };
    };
    it('hear each line once it is whole, however it comes in pieces', async () => {
      assert.deepEqual(await watched(['{"a":1}\n{"b', '":2}\n{"c":3}\n']), {
        events: [{ a: 1 }, { b: 2 }],
        why: 'stopped',
      });
    });
    it('pass over lines that are empty', async () => {
      assert.deepEqual(await watched(['\n\n \n{"a":1}\n\n']), { events: [{ a: 1 }], why: 'the server ended it' });
    });
    it('end with a line that is no JSON', async () => {
      assert.deepEqual(await watched(['{"a":1}\nnot JSON\n'], false), {
        events: [{ a: 1 }],
        why: 'an event is no JSON',
      });
    });
    it('end with a line that is larger than any object', async () => {
      const { why } = await watched(['x'.repeat(2 * 1024 * 1024 + 1)], false);
      assert.equal(why, 'an event is too large');
    });
    it('end with a line that is nested deeper than any object', async () => {
      const deep = `{"a":"${'x'.repeat(70_000)}","b":${'['.repeat(100)}${']'.repeat(100)}}\n`;
      assert.equal((await watched([deep], false)).why, 'an event is no JSON');
    });
    it('are answered with what the server says where it refuses', async () => {
      const open = transport();
      server().handler = json({ kind: 'Status', message: 'no' }, 403);
      const ended = await controllerCluster(open).watchTopic(
        namespaces,
        { timeoutSeconds: 300 },
        { event: () => assert.fail('nothing was shown') },
        never,
      );
      open.close();
      assert.equal(ended.kind === 'answer' && ended.status, 403);
    });
  });
});
