import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import tlsModule from 'node:tls';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { ApiReply } from '../../../src/core/api/reply.ts';
import { clusterOn } from '../../../src/adapters/kubernetes/cluster.ts';
import type { Connection } from '../../../src/adapters/kubernetes/connection.ts';
import { createTransport, type Transport } from '../../../src/adapters/kubernetes/requests.ts';
import { fixedConnection, json, certificates, startApiServer, type ApiServer } from './api-server.ts';

const NOW_MS = Date.parse('2026-01-02T03:04:05Z');
const never = new AbortController().signal;
const open: Transport[] = [];
let api: ApiServer;

beforeEach(async () => {
  api = await startApiServer(json({ ok: true }));
});
afterEach(async () => {
  for (const transport of open.splice(0)) transport.close();
  await api.close();
});

function transportTo(connection: Connection, { timeoutMs = 5_000, concurrency = 4 } = {}): Transport {
  const transport = createTransport(connection, { timeoutMs, concurrency, userAgent: 'test/1', nowMs: () => NOW_MS });
  open.push(transport);
  return transport;
}

function get(transport: Transport, signal = never): Promise<ApiReply> {
  return transport.request({ method: 'GET', path: '/version' }, signal);
}

describe('an answer', () => {
  it('carries the parsed body, the audit id, and Retry-After in seconds', async () => {
    api.handler = json({ kind: 'Status' }, 429, { 'audit-id': 'a-1', 'retry-after': '3' });
    assert.deepEqual(await get(transportTo(fixedConnection(api.url))), {
      kind: 'answer',
      status: 429,
      body: { kind: 'Status' },
      requestId: 'a-1',
      retryAfterMs: 3_000,
    });
  });

  it('carries Retry-After as a date', async () => {
    api.handler = json({}, 503, { 'retry-after': new Date(NOW_MS + 90_000).toUTCString() });
    const reply = await get(transportTo(fixedConnection(api.url)));
    assert.equal(reply.kind === 'answer' && reply.retryAfterMs, 90_000);
  });

  it('passes over a Retry-After that says nothing', async () => {
    api.handler = json({}, 503, { 'retry-after': 'soon' });
    assert.deepEqual(await get(transportTo(fixedConnection(api.url))), { kind: 'answer', status: 503, body: {} });
  });

  it('carries the text of an error that is not JSON, whatever its content type claims', async () => {
    api.handler = (_, response) => {
      response.writeHead(502, { 'content-type': 'application/json' });
      response.end('<h1>Bad gateway</h1>');
    };
    const reply = await get(transportTo(fixedConnection(api.url)));
    assert.deepEqual(reply, { kind: 'answer', status: 502, body: '<h1>Bad gateway</h1>' });
  });

  it('keeps no more than the first part of an endless error', async () => {
    api.handler = (_, response) => {
      response.writeHead(500, { 'content-type': 'text/plain' });
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    };
    const reply = await get(transportTo(fixedConnection(api.url)));
    assert.ok(reply.kind === 'answer' && typeof reply.body === 'string');
    assert.equal(reply.status, 500);
    assert.ok(reply.body.length < 2 * 1024 * 1024);
  });

  it('is asked for at the path that the server has before it', async () => {
    const transport = transportTo(fixedConnection(`${api.url}/k8s/clusters/c-1/`));
    await get(transport);
    assert.equal(api.requests[0]?.url, '/k8s/clusters/c-1/version');
    assert.equal(transport.server, `${api.url}/k8s/clusters/c-1`);
  });

  it('comes from plain HTTP too, as `kubectl proxy` serves', async () => {
    const plain = await startApiServer(json({ ok: true }), { plain: true });
    assert.deepEqual(await get(transportTo(fixedConnection(plain.url))), {
      kind: 'answer',
      status: 200,
      body: { ok: true },
    });
    await plain.close();
  });
});

describe('a broken request', () => {
  it('is Unreachable where nobody listens', async () => {
    const port = await freePort();
    assert.deepEqual(await get(transportTo(fixedConnection(`https://127.0.0.1:${port}`))), {
      kind: 'broken',
      cause: 'Unreachable',
      message: `connect ECONNREFUSED 127.0.0.1:${port}`,
    });
  });

  it('is Unreachable where each address of a name refuses, and names each', async () => {
    const reply = await get(transportTo(fixedConnection(`https://localhost:${await freePort()}`)));
    assert.ok(reply.kind === 'broken');
    assert.equal(reply.cause, 'Unreachable');
    assert.match(reply.message, /connect ECONNREFUSED 127\.0\.0\.1/);
  });

  it('is Unreachable where the name is unknown', async () => {
    const reply = await get(transportTo(fixedConnection('https://no-such-host.invalid')));
    assert.equal(reply.kind === 'broken' && reply.cause, 'Unreachable');
  });

  it('is Unreachable where the connection ends before TLS is agreed', async () => {
    const server = net.createServer((socket) => socket.once('data', () => socket.destroy())).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const reply = await get(transportTo(fixedConnection(`https://127.0.0.1:${portOf(server)}`)));
    assert.equal(reply.kind === 'broken' && reply.cause, 'Unreachable');
    server.close();
  });

  it('is TlsUntrusted where the CA is another', async () => {
    const reply = await get(transportTo(fixedConnection(api.url, { tls: {} })));
    assert.ok(reply.kind === 'broken');
    assert.equal(reply.cause, 'TlsUntrusted');
    assert.match(reply.message, /^self-signed certificate in certificate chain/);
  });

  it('is TlsUntrusted where the certificate is for another name', async () => {
    const reply = await get(
      transportTo(fixedConnection(api.url, { tls: { ca: certificates.ca, servername: 'other.example' } })),
    );
    assert.ok(reply.kind === 'broken');
    assert.equal(reply.cause, 'TlsUntrusted');
    assert.match(reply.message, /other\.example\. is not in the cert's altnames/);
  });

  it('is TimedOut where the answer does not begin', async () => {
    api.handler = () => undefined;
    assert.deepEqual(await get(transportTo(fixedConnection(api.url), { timeoutMs: 50 })), {
      kind: 'broken',
      cause: 'TimedOut',
      message: 'no complete answer within 0.05 s',
    });
  });

  it('is TimedOut where the answer begins and does not end', async () => {
    api.handler = (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).write('{"a":');
    const reply = await get(transportTo(fixedConnection(api.url), { timeoutMs: 50 }));
    assert.equal(reply.kind === 'broken' && reply.cause, 'TimedOut');
  });

  it('is TimedOut where the server never agrees on TLS', async () => {
    const server = net.createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const transport = transportTo(fixedConnection(`https://127.0.0.1:${portOf(server)}`), { timeoutMs: 50 });
    const reply = await get(transport);
    assert.equal(reply.kind === 'broken' && reply.cause, 'TimedOut');
    server.close();
  });

  it('is Aborted before it starts and while it waits', async () => {
    const transport = transportTo(fixedConnection(api.url));
    const aborted = { kind: 'broken', cause: 'Aborted', message: 'the server had not answered' };
    assert.deepEqual(await get(transport, AbortSignal.abort()), aborted);
    assert.equal(api.requests.length, 0);
    const controller = new AbortController();
    api.handler = () => controller.abort();
    assert.deepEqual(await get(transport, controller.signal), aborted);
  });

  it('is Interrupted where a 2xx is not the JSON it says it is', async () => {
    api.handler = (_, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end('{"a":');
    assert.deepEqual(await get(transportTo(fixedConnection(api.url))), {
      kind: 'broken',
      cause: 'Interrupted',
      message: 'the answer (200) is not the JSON it says it is',
    });
  });

  it('is CredentialsFailed, in the words of what failed, where credentials cannot be had', async () => {
    const failing = { ...fixedConnection(api.url), credentials: () => Promise.reject(new Error('the plugin broke')) };
    const reply = await get(transportTo(failing));
    assert.deepEqual(reply, { kind: 'broken', cause: 'CredentialsFailed', message: 'the plugin broke' });
    assert.equal(api.requests.length, 0);
  });

  it('is Aborted where credentials are waited for', async () => {
    const controller = new AbortController();
    const waiting = { ...fixedConnection(api.url), credentials: () => new Promise<never>(() => controller.abort()) };
    const reply = await get(transportTo(waiting), controller.signal);
    assert.equal(reply.kind === 'broken' && reply.cause, 'Aborted');
  });
});

describe('a connection that ends after any byte of an answer', () => {
  const body = '{"kind":"Status","ö":1}';
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  const chunked = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n18\r\n${body}\r\n0\r\n\r\n`;

  for (const [form, text] of Object.entries({ 'with a length': head + body, chunked })) {
    it(`is Interrupted, until the last (${form})`, async () => {
      const whole = Buffer.from(text);
      let length = 0;
      const server = tlsModule.createServer(certificates.server, (socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => socket.end(whole.subarray(0, length)));
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      const transport = transportTo(fixedConnection(`https://127.0.0.1:${portOf(server)}`));
      for (length = 0; length < whole.length; length += 1) {
        const reply = await get(transport);
        assert.equal(reply.kind === 'broken' && reply.cause, 'Interrupted', `after ${length} bytes`);
      }
      assert.deepEqual(await get(transport), { kind: 'answer', status: 200, body: { kind: 'Status', ö: 1 } });
      server.close();
    });
  }
});

describe('connections', () => {
  it('are few: one for requests in turn', async () => {
    const transport = transportTo(fixedConnection(api.url));
    for (let i = 0; i < 20; i += 1) await get(transport);
    assert.equal(api.requests.length, 20);
    assert.equal(api.connections, 1);
  });

  it('are no more than the concurrency, however many requests there are', async () => {
    const transport = transportTo(fixedConnection(api.url), { concurrency: 3 });
    await Promise.all(Array.from({ length: 30 }, () => get(transport)));
    assert.equal(api.requests.length, 30);
    assert.equal(api.connections, 3);
  });

  it('that the server closed meanwhile are replaced without a failure', async () => {
    const transport = transportTo(fixedConnection(api.url));
    await Promise.all(Array.from({ length: 4 }, () => get(transport)));
    api.handler = (request, response) => {
      if (api.requests.length === 5) request.socket.destroy();
      else json({ ok: 'again' })(request, response);
    };
    assert.deepEqual(await get(transport), { kind: 'answer', status: 200, body: { ok: 'again' } });
    assert.equal(api.requests.length, 6);
  });

  it('are made anew for other certificates, while requests in flight finish', async () => {
    let tls = { ca: certificates.ca };
    const rotating = { ...fixedConnection(api.url), credentials: () => ({ headers: {}, tls }) };
    const transport = transportTo(rotating);
    const held = Promise.withResolvers<() => void>();
    api.handler = (request, response) => held.resolve(() => json({ n: 1 })(request, response));
    const first = get(transport);
    const release = await held.promise;
    tls = { ca: certificates.ca };
    api.handler = json({ n: 2 });
    assert.deepEqual(await get(transport), { kind: 'answer', status: 200, body: { n: 2 } });
    release();
    assert.deepEqual(await first, { kind: 'answer', status: 200, body: { n: 1 } });
    assert.equal(api.connections, 2);
  });
});

describe('credentials that are refused', () => {
  function renewing(tokens: string[]): Connection {
    const all = tokens.map((token) => ({
      headers: { authorization: `Bearer ${token}` },
      tls: { ca: certificates.ca },
    }));
    let at = 0;
    return {
      ...fixedConnection(api.url),
      credentials: () => all[at] ?? assert.fail('no token'),
      renewed: async () => all[++at],
    };
  }
  const only =
    (token: string) =>
    (...[request, response]: Parameters<ApiServer['handler']>) =>
      json({}, request.headers.authorization === `Bearer ${token}` ? 200 : 401)(request, response);

  it('are renewed and the request sent once more', async () => {
    api.handler = only('new');
    assert.equal(statusOf(await get(transportTo(renewing(['old', 'new'])))), 200);
    assert.equal(api.requests.length, 2);
  });

  it('are not renewed twice for one request', async () => {
    api.handler = only('third');
    assert.equal(statusOf(await get(transportTo(renewing(['first', 'second', 'third'])))), 401);
    assert.equal(api.requests.length, 2);
  });

  it('are the answer where there are no others', async () => {
    api.handler = only('other');
    assert.equal(statusOf(await get(transportTo(renewing(['only'])))), 401);
    assert.equal(api.requests.length, 1);
  });
});

describe('the requests of a pass', () => {
  it('ask for metadata where that is enough, and apply as the field manager that is named', async () => {
    const cluster = clusterOn(transportTo(fixedConnection(api.url)));
    await cluster.listNamespaces({ labelSelector: 'credentialType=ecr', limit: 500, continueToken: 'a+b/=' }, never);
    const apply = { namespace: 'a', secretName: 's', body: '{"é":1}', fieldManager: 'm', force: true, dryRun: true };
    await cluster.applySecret(apply, never);
    await cluster.readSecret('a', 's', never);
    await cluster.readSecretMetadata('a', 's', never);
    assert.deepEqual(
      api.requests.map(
        ({ method, url, headers }) => `${method} ${url} ${headers.accept?.split(';')[1]?.split(',')[0] ?? 'whole'}`,
      ),
      [
        'GET /api/v1/namespaces?labelSelector=credentialType%3Decr&limit=500&continue=a%2Bb%2F%3D as=PartialObjectMetadataList',
        'PATCH /api/v1/namespaces/a/secrets/s?fieldManager=m&force=true&dryRun=All as=PartialObjectMetadata',
        'GET /api/v1/namespaces/a/secrets/s whole',
        'GET /api/v1/namespaces/a/secrets/s as=PartialObjectMetadata',
      ],
    );
    const { headers } = api.requests[1] ?? assert.fail();
    assert.equal(headers['content-type'], 'application/apply-patch+yaml');
    assert.equal(headers['content-length'], '8');
    assert.equal(headers['user-agent'], 'test/1');
  });
});

function statusOf(reply: ApiReply): number | undefined {
  return reply.kind === 'answer' ? reply.status : undefined;
}

function portOf(server: net.Server): number {
  return (server.address() as AddressInfo).port; // a TCP server's
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return port;
}
