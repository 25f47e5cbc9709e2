import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { HttpAnswer } from '../../../src/adapters/http/answering.ts';
import { answerReader } from '../../../src/adapters/kubernetes/answer.ts';
import { brokenBy } from '../../../src/adapters/kubernetes/broken.ts';
import { findConnection } from '../../../src/adapters/kubernetes/connect.ts';
import type { Connection } from '../../../src/adapters/kubernetes/connection.ts';
import { createTransport } from '../../../src/adapters/kubernetes/requests.ts';
import { writtenRevision, type ApiReply } from '../../../src/core/api/reply.ts';
import { certificates, fixedConnection, json, serverOfSuite, type ApiServer } from './api-server.ts';
import { quietHost } from '../../support/child-host.ts';

const { signal: never } = new AbortController();
const inWords = (reply: ApiReply) =>
  reply.kind === 'answer' ? String(reply.status) : `${reply.cause}: ${reply.message}`;

describe('what a server answers', () => {
  const server = serverOfSuite();
  const transport = (connection: Connection = fixedConnection(server().url), timeoutMs = 5000, concurrency = 4) =>
    createTransport(connection, { timeoutMs, concurrency, userAgent: 'test/1', nowMs: () => 0 });
  const answered = async (connection?: Connection, timeoutMs?: number) => {
    const open = transport(connection, timeoutMs);
    try {
      return inWords(await open.request({ method: 'GET', path: '/' }, never));
    } finally {
      open.close();
    }
  };
  const whole =
    (body: string) =>
    (...[, response]: Parameters<ApiServer['handler']>) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(body);
    };

  it('is no success where it ends before it is whole, however much of it came', async () => {
    server().handler = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 });
      response.write('{"kind":"Secret"}');
      setTimeout(() => response.destroy(), 10);
    };
    assert.match(await answered(), /^Interrupted: the connection ended before the answer was whole/);
  });
  it('is no success where it is something else than JSON', async () => {
    server().handler = (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
    assert.equal(await answered(), 'Interrupted: the answer (200) is no JSON but text/html');
  });
  it('is not read where it is larger than memory has room for', async () => {
    server().handler = whole(`{"a":"${'x'.repeat(2 * 1024 * 1024)}"}`);
    assert.equal(await answered(), 'TooLarge: the answer is larger than 2 MiB');
  });
  it('is not parsed where it holds more values than memory has room for, or is nested deeper', async () => {
    server().handler = whole(`[${'0,'.repeat(300_001)}0]`);
    assert.equal(await answered(), 'TooLarge: the answer is too large: it holds more than 300000 values');
    server().handler = whole(`{"a":"${'x'.repeat(70_000)}","b":${'['.repeat(65)}${']'.repeat(65)}}`);
    assert.equal(await answered(), 'TooLarge: the answer is too large: it is nested more than 64 levels deep');
  });
  describe('to a write', () => {
    const metadata = (more: object) => ({
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { name: 'ecr-creds', namespace: 'a', uid: '1', resourceVersion: '42', ...more },
    });
    const revisionOf = async (body: string) => {
      server().handler = whole(body);
      const open = transport();
      try {
        const reply = await open.request({ method: 'PATCH', path: '/', body: '{}', isWrite: true }, never);
        if (reply.kind === 'broken') return reply.cause;
        return [writtenRevision(reply), Object.keys((reply.body as { metadata?: object }).metadata ?? {}).length];
      } finally {
        open.close();
      }
    };
    const ordinary = metadata({ creationTimestamp: 'x', labels: { a: 'b' }, managedFields: [{ 'f:data': {} }] });
    const notes = { name: 'a', namespace: 'a', uid: '1', resourceVersion: '7', other: '"resourceVersion":"9",' };
    const cases: Record<string, [body: string, revision: string | undefined, fields: number]> = {
      'is the revision alone, and no more is read': [JSON.stringify(ordinary), '42', 1],
      'is the revision alone, also on a line of its own': [`${JSON.stringify(ordinary)}\n`, '42', 1],
      'is not what somebody has noted on the object': [JSON.stringify(metadata({ annotations: notes })), '42', 1],
      'is read where it is written in another order': [
        JSON.stringify({ ...ordinary, metadata: { annotations: notes, ...ordinary.metadata } }),
        '42',
        8,
      ],
      'is read where it is the whole object': [
        JSON.stringify({ kind: 'Secret', metadata: { name: 'x', resourceVersion: '42' }, data: {} }),
        '42',
        2,
      ],
      'is no revision where there is none': [
        JSON.stringify({ ...ordinary, metadata: { name: 'ecr-creds', annotations: notes } }),
        undefined,
        2,
      ],
    };
    for (const [title, [body, revision, fields]] of Object.entries(cases)) {
      it(title, async () => assert.deepEqual(await revisionOf(body), [revision, fields]));
    }
    it('is no success where it is cut', async () => {
      assert.equal(await revisionOf(JSON.stringify(ordinary).slice(0, -5)), 'Interrupted');
    });
  });
  it('waits for its turn to be read where it is large, and not where it is small', () => {
    const read = (body: string) => {
      const told: string[] = [];
      let isPaused = false;
      const answer: HttpAnswer = {
        status: 200,
        reason: 'OK',
        headers: new Map([['content-type', 'application/json']]),
        tell(listener) {
          listener.data(Buffer.from(body));
          listener.over(true);
        },
        pause: () => void (isPaused = true),
        resume: () => void (isPaused = false),
        destroy: () => undefined,
      };
      const wait = (go: () => void) => {
        told.push(`waits, ${isPaused ? 'and reads nothing' : 'reading on'}`);
        go();
        return () => void told.push('is done');
      };
      answerReader(() => 0, { turns: { wait } })(answer, () => undefined);
      return told;
    };
    assert.deepEqual(read('{"a":1}'), []);
    assert.deepEqual(read(`{"a":"${'x'.repeat(70_000)}"}`), ['waits, and reads nothing', 'is done']);
  });
  it('comes over a new connection where the certificates are others', async () => {
    let tls = { ca: certificates.ca };
    const open = transport({ ...fixedConnection(server().url), credentials: () => ({ headers: {}, tls }) });
    for (const connections of [1, 1]) {
      await open.request({ method: 'GET', path: '/' }, never);
      assert.equal(server().connections, connections);
    }
    tls = { ca: certificates.ca };
    await open.request({ method: 'GET', path: '/' }, never);
    assert.equal(server().connections, 2);
    open.close();
  });
  it('is given up with all others of the same signal, also when some of these are over', async () => {
    server().handler = (request, response) => {
      if (request.url === '/now') response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    };
    const open = transport();
    const stop = new AbortController();
    const late = ['/late', '/later'].map((path) => open.request({ method: 'GET', path }, stop.signal));
    assert.equal(inWords(await open.request({ method: 'GET', path: '/now' }, stop.signal)), '200');
    stop.abort();
    assert.deepEqual((await Promise.all(late)).map(inWords), Array(2).fill('Aborted: the server had not answered'));
    open.close();
  });
  it('is nothing where HTTP cannot carry the request', async () => {
    const connection = fixedConnection(server().url, { headers: { 'impersonate-user': 'a\nb' } });
    assert.match(await answered(connection), /^Unsendable: Invalid character in header/);
  });

  const renewing = (other: Partial<Awaited<ReturnType<Connection['credentials']>>>, used = {}): Connection => {
    const tls = { ca: certificates.ca };
    let count = 0;
    const first = { headers: {}, tls, ...used };
    return {
      ...fixedConnection(server().url),
      credentials: () => first,
      renewed: async () => {
        count += 1;
        return count === 1 ? { headers: {}, tls, ...other } : undefined;
      },
    };
  };
  it('is asked for once more with another authority, where the one that is known does not trust the server', async () => {
    assert.equal(await answered(renewing({}, { tls: { ca: [] } })), '200');
  });
  it('is not asked for again with others where it is a refusal of another kind', async () => {
    server().handler = json({ message: 'no' }, 403);
    assert.equal(await answered(renewing({ headers: { authorization: 'Bearer other' } })), '403');
    assert.equal(server().requests.length, 1);
  });

  describe('through a proxy', () => {
    const proxyThat = async (answers: (socket: Socket) => void) => {
      const sockets: Socket[] = [];
      const server = createServer((socket) => {
        sockets.push(socket.on('error', () => socket.destroy()));
        answers(socket);
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      const close = () => (sockets.forEach((socket) => socket.destroy()), server.close());
      return { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), close };
    };
    it('that refuses is named', async () => {
      const proxy = await proxyThat((socket) => socket.end('HTTP/1.1 407 Who are you\r\n\r\n'));
      const reply = await answered(fixedConnection(server().url, {}, proxy.url));
      assert.match(reply, /^Unreachable: the proxy 127\.0\.0\.1:\d+: it answered CONNECT with HTTP 407 Who are you/);
      proxy.close();
    });
    it('that says nothing is not waited for, and the connection to it is closed', async () => {
      const closed = Promise.withResolvers<void>();
      const proxy = await proxyThat((socket) => socket.resume().on('close', () => closed.resolve()));
      assert.match(await answered(fixedConnection(server().url, {}, proxy.url), 200), /^(?:TimedOut|Unreachable)/);
      await closed.promise;
      proxy.close();
    });
  });
});

it('a host of which no address can be reached is told with why each cannot', () => {
  const refusals = ['connect ECONNREFUSED ::1:1', 'connect ECONNREFUSED 127.0.0.1:1'].map((each) => new Error(each));
  const error = Object.assign(new AggregateError(refusals), { code: 'ECONNREFUSED' });
  assert.equal(inWords(brokenBy(error, false)), `Unreachable: ${refusals.map(({ message }) => message).join('; ')}`);
});

describe('the cluster', () => {
  let directory: string;
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ecr-cred-helper-connect-'));
    await writeFile(join(directory, 'token'), 'token-of-the-pod');
    await writeFile(join(directory, 'ca.crt'), certificates.ca);
    const clusters = [{ name: 'c', cluster: { server: 'https://named.example' } }];
    const users = [{ name: 'u', user: { token: 'token-of-the-file' } }];
    const contexts = [{ name: 'x', context: { cluster: 'c', user: 'u' } }];
    const content = { 'current-context': 'x', clusters, users, contexts };
    await writeFile(join(directory, 'config'), JSON.stringify(content));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  const found = async (changes: object = {}, host = '10.0.0.1') => {
    const learnt: (string | undefined)[] = [];
    const result = await findConnection({
      env: { KUBERNETES_SERVICE_HOST: host },
      homeDirectory: '/nonexistent',
      serviceAccountDirectory: directory,
      ...quietHost,
      nowMs: () => 0,
      learn: (value) => void learnt.push(value),
      ...changes,
    });
    if (result.ok) await result.value.credentials();
    return { where: result.ok ? result.value.server.host : result.failure.code, learnt };
  };
  it("is the pod's own, whose token is learnt", async () => {
    const { where, learnt } = await found();
    assert.deepEqual([where, learnt], ['10.0.0.1', ['token-of-the-pod']]);
  });
  it('is that of a kubeconfig where one is named, in a pod, too', async () => {
    const { where, learnt } = await found({ kubeconfig: join(directory, 'config') });
    assert.deepEqual([where, learnt.includes('token-of-the-file')], ['named.example', true]);
  });
  it('is not there without either', async () => {
    assert.equal((await found({}, '')).where, 'ClusterNotConfigured');
    assert.equal((await found({ serviceAccountDirectory: '/nonexistent' })).where, 'ClusterNotConfigured');
  });
});
