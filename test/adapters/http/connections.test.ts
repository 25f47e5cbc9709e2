import assert from 'node:assert/strict';
import { createConnection, createServer, Socket } from 'node:net';
import { after, afterEach, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { Duplex } from 'node:stream';
import tls, { type TLSSocket } from 'node:tls';
import { localCertificates } from '../../../emulators/certificates.ts';
import { Connections } from '../../../src/adapters/http/connections.ts';
import { targetOf } from '../../../src/adapters/http/dial.ts';
import { exchange } from '../../../src/adapters/http/exchange.ts';
import type { HttpAnswer } from '../../../src/adapters/http/answering.ts';
import { Wire } from '../../../src/adapters/http/wire.ts';
import type { Wanted } from '../../../src/adapters/http/request-head.ts';
import { troubledServers } from '../../support/servers.ts';
import { until } from '../../support/until.ts';

const { ca, server: certificate } = await localCertificates();
const whole = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}';
const get: Wanted = { method: 'GET', path: '/', headers: {}, body: undefined };

describe('connections', () => {
  const servers = troubledServers();
  const open: Connections[] = [];
  afterEach(() => open.splice(0).forEach((connections) => connections.close()));
  after(() => servers.close());

  /** A server that does this with each request, of which the head comes at once. */
  async function serving(answer: (socket: Socket, head: string, nth: number) => void, isSecure = false) {
    const state = { connections: 0, heads: [] as string[], sockets: [] as Socket[], by: [] as Socket[], resumed: 0 };
    const onConnection = (socket: Socket) => {
      state.connections += 1;
      state.sockets.push(socket);
      if ('isSessionReused' in socket && (socket as TLSSocket).isSessionReused()) state.resumed += 1;
      socket.on('error', () => socket.destroy());
      socket.on('data', (chunk) => {
        const head = chunk.toString('latin1');
        state.heads.push(head);
        state.by.push(socket);
        answer(socket, head, state.heads.length);
      });
    };
    const server = isSecure ? tls.createServer(certificate, onConnection) : createServer(onConnection);
    const port = await servers.listen(server);
    return { state, url: `${isSecure ? 'https' : 'http'}://127.0.0.1:${port}` };
  }
  const answers = (socket: Socket) => void socket.write(whole);

  function to(url: string, { most = 2, idleTimeoutMs = 5000, proxy = '', timeoutMs = 1000 } = {}): Connections {
    const way = { target: targetOf(new URL(url)), proxy: URL.parse(proxy) ?? undefined, tls: { ca }, timeoutMs };
    const connections = new Connections(way, { most, idleTimeoutMs });
    open.push(connections);
    return connections;
  }
  async function asked(connections: Connections, wanted: Partial<Wanted> = {}, signal = new AbortController().signal) {
    const outgoing = { connections, wanted: { ...get, ...wanted }, timeoutMs: 3000 };
    const outcome = await exchange<string>(outgoing, signal, (answer, done) => {
      let body = '';
      answer.tell({
        data: (part) => (body += part.toString('utf8')),
        over: (isWhole) => done(`${answer.status} ${body}${isWhole ? '' : ' broken off'}`),
      });
    });
    if (outcome.kind === 'done') return outcome.value;
    return outcome.kind === 'failed' ? outcome.error.message : outcome.kind;
  }

  it('are kept, and the one used last is used next', async () => {
    const { state, url } = await serving((socket, head) => {
      if (head.startsWith('GET /slow')) setTimeout(50).then(() => socket.write(whole), assert.fail);
      else socket.write(whole);
    });
    const connections = to(url);
    await Promise.all([asked(connections, { path: '/slow' }), asked(connections)]);
    for (let round = 0; round < 5; round += 1) assert.equal(await asked(connections, { path: '/next' }), '200 {}');
    assert.equal(state.connections, 2);
    const counts = state.sockets.map((socket) => state.heads.filter((_, index) => state.by[index] === socket).length);
    assert.deepEqual(
      counts.toSorted((a, b) => a - b),
      [1, 6],
    );
    assert.equal(state.by[state.heads.findIndex((head) => head.startsWith('GET /slow'))], state.by.at(-1));
  });

  const closes: Record<string, string> = {
    'that says it is the last': 'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}',
    'of HTTP/1.0': 'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n{}',
    'with more behind it': `${whole}HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil`,
  };
  for (const [title, text] of Object.entries(closes)) {
    it(`are not used again after an answer ${title}`, async () => {
      const { state, url } = await serving((socket) => void socket.write(text));
      const connections = to(url);
      for (let round = 0; round < 3; round += 1) assert.equal(await asked(connections), '200 {}');
      assert.equal(state.connections, 3);
    });
  }
  it('are not used again where the answer came before the request was sent', async () => {
    const { state, url } = await serving((socket, _, nth) => {
      if (nth > 1) return void socket.write(whole);
      socket.pause();
      socket.write(whole);
    });
    const connections = to(url);
    assert.equal(await asked(connections, { method: 'POST', body: Buffer.alloc(50_000_000) }), '200 {}');
    assert.equal(await asked(connections), '200 {}');
    assert.equal(state.connections, 2);
  });
  it('are closed where something comes that nobody asked for, and it is no answer to what is asked next', async () => {
    const { state, url } = await serving(answers);
    const connections = to(url, { idleTimeoutMs: 60_000 });
    await asked(connections);
    state.sockets[0]?.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil');
    await until('the server sees it closed', () => state.sockets[0]?.closed === true);
    assert.equal(await asked(connections), '200 {}');
    assert.equal(state.connections, 2);
  });
  it('that were closed meanwhile are told from those that close within an answer', async () => {
    for (const [said, expected] of [
      ['', 'stale'],
      ['HTTP/1.1 2', 'the connection ended before the answer was whole'],
    ] as const) {
      const { url } = await serving((socket, _, nth) => {
        if (nth === 1) socket.write(whole);
        else socket.write(said, () => socket.resetAndDestroy());
      });
      const connections = to(url);
      await asked(connections);
      assert.equal(await asked(connections), expected);
    }
  });
  it('are closed where nobody has used them for so long', async () => {
    const { state, url } = await serving(answers);
    await asked(to(url, { idleTimeoutMs: 50 }));
    await until('the server sees it closed', () => state.sockets[0]?.closed === true);
  });
  it('are not closed for being idle while an answer is waited for', async () => {
    const { url } = await serving((socket) => void setTimeout(150).then(() => socket.write(whole), assert.fail));
    assert.equal(await asked(to(url, { idleTimeoutMs: 50 })), '200 {}');
  });
  it('of their own are closed after the answer, and count for nothing', async () => {
    const { state, url } = await serving(answers);
    const connections = to(url, { most: 1 });
    const all = await Promise.all([asked(connections), ...[1, 2].map(() => asked(connections, { isAlone: true }))]);
    assert.deepEqual(all, Array(3).fill('200 {}'));
    await until('two are closed', () => state.sockets.filter(({ closed }) => closed).length === 2);
    assert.equal(state.connections, 3);
  });
  it('agree on TLS sooner where there was one before', async () => {
    const { state, url } = await serving(answers, true);
    const connections = to(url);
    await asked(connections);
    await Promise.all([asked(connections), asked(connections)]);
    assert.deepEqual([state.connections, state.resumed], [2, 1]);
  });

  describe('give a request up', () => {
    it('that waits for one, which then goes to the next', async () => {
      const { state, url } = await serving((socket, head) => {
        if (head.startsWith('GET /slow')) setTimeout(50).then(() => socket.write(whole), assert.fail);
        else socket.write(whole);
      });
      const connections = to(url, { most: 1 });
      const stop = new AbortController();
      const first = asked(connections, { path: '/slow' });
      const second = asked(connections, { path: '/second' }, stop.signal);
      const third = asked(connections, { path: '/third' });
      stop.abort();
      assert.deepEqual(await Promise.all([first, second, third]), ['200 {}', 'aborted', '200 {}']);
      assert.deepEqual(
        state.heads.map((head) => head.split(' ')[1]),
        ['/slow', '/third'],
      );
      assert.equal(state.connections, 1);
    });
    it('for which one is being made, and make another for the next', async () => {
      // It never agrees on TLS.
      const { state, url } = await serving(() => undefined);
      const connections = to(url.replace('http:', 'https:'), { most: 1 });
      const [first, second] = [new AbortController(), new AbortController()];
      const both = [asked(connections, {}, first.signal), asked(connections, {}, second.signal)];
      for (const [index, stop] of [first, second].entries()) {
        await until('it begins', () => state.heads.length === index + 1);
        stop.abort();
        await until('the server sees it closed', () => state.sockets[index]?.closed === true);
      }
      assert.deepEqual(await Promise.all(both), ['aborted', 'aborted']);
      assert.equal(state.connections, 2);
    });
    it('of which half the answer came, and close its connection', async () => {
      const { state, url } = await serving((socket, _, nth) => void socket.write(nth > 1 ? whole : whole.slice(0, -1)));
      const connections = to(url, { most: 1 });
      const stop = new AbortController();
      const first = asked(connections, {}, stop.signal);
      await until('a request came', () => state.heads.length === 1);
      await setTimeout(20);
      stop.abort();
      assert.equal(await first, 'aborted');
      assert.equal(await asked(connections), '200 {}');
      assert.equal(state.connections, 2);
    });
  });

  it('are all closed at once, and whoever waits hears of it', async () => {
    const { state, url } = await serving(() => undefined);
    const connections = to(url, { most: 1 });
    const both = [asked(connections), asked(connections)];
    await until('a request came', () => state.heads.length === 1);
    connections.close();
    assert.deepEqual(await Promise.all(both), [
      'the server closed the connection before it answered',
      'the connection was given up',
    ]);
    assert.equal(await asked(connections), 'the connection was given up');
    await until('the server sees it closed', () => state.sockets.every(({ closed }) => closed));
  });

  describe('carry', () => {
    it('a request as it is given, with its host and its length', async () => {
      const { state, url } = await serving(answers);
      const headers = { accept: 'a', 'x-group': ['b', 'c'] };
      await asked(to(url), { method: 'PUT', path: '/a?b=c', headers, body: Buffer.from('é') });
      const host = new URL(url).host;
      assert.equal(
        Buffer.from(state.heads[0] ?? '', 'latin1').toString('utf8'),
        `PUT /a?b=c HTTP/1.1\r\nhost: ${host}\r\naccept: a\r\nx-group: b\r\nx-group: c\r\ncontent-length: 2\r\n\r\né`,
      );
    });
    const unsendable: Record<string, Partial<Wanted>> = {
      'a space in the path': { path: '/a b' },
      'a line break in the path': { path: '/a\r\nx: y' },
      'a character beyond a byte in the path': { path: '/ä€' },
      'a line break in a header': { headers: { a: 'b\r\nc: d' } },
      'a character beyond a byte in a header': { headers: { a: '€' } },
      'a line break in the name of a header': { headers: { 'a\r\nb': 'c' } },
    };
    for (const [title, wanted] of Object.entries(unsendable)) {
      it(`nothing with ${title}`, async () => {
        const { state, url } = await serving(answers);
        assert.equal(await asked(to(url), wanted), 'unsendable');
        assert.equal(state.connections, 0);
      });
    }
    it('an IPv6 address in brackets, and no usual port', async () => {
      const proxy = await serving(answers);
      for (const url of ['http://[::1]:8080', 'http://[::1]']) {
        await asked(to(url, { proxy: proxy.url.replace('//', '//me:s%20t@') }));
      }
      const login = `proxy-authorization: Basic ${Buffer.from('me:s t').toString('base64')}`;
      assert.deepEqual(proxy.state.heads, [
        `GET http://[::1]:8080/ HTTP/1.1\r\nhost: [::1]:8080\r\n${login}\r\n\r\n`,
        `GET http://[::1]/ HTTP/1.1\r\nhost: [::1]\r\n${login}\r\n\r\n`,
      ]);
    });
  });

  it('that a proxy has not made in time are given up, and so is that to the proxy', async () => {
    const { state, url } = await serving(() => undefined);
    const connections = to('https://192.0.2.1', { proxy: url, timeoutMs: 50 });
    assert.equal(await asked(connections), `the proxy ${new URL(url).host}: it did not answer CONNECT`);
    await until('the proxy sees it closed', () => state.sockets[0]?.closed === true);
  });
  it('that nobody uses let the process end', async () => {
    const { state, url } = await serving((socket, head) => {
      if (!head.startsWith('GET /late')) socket.write(whole);
    });
    const connections = to(url);
    const holding = () => process.getActiveResourcesInfo().filter((what) => what === 'TCPSocketWrap').length;
    await asked(connections);
    const free = holding();
    const late = asked(connections, { path: '/late' });
    await until('it came', () => state.heads.length === 2);
    assert.equal(holding(), free + 1);
    connections.close();
    await late;
  });
  it('are used again once the request has gone, though the answer came before, and closed where it never goes', async () => {
    const { answer, end, told } = slowToSend();
    answer();
    assert.deepEqual(told, []);
    end();
    assert.deepEqual(told, ['free']);
    const other = slowToSend();
    other.answer();
    await until('it is closed', () => other.told.includes('closed'));
    assert.deepEqual(other.told, ['closed']);
  });
  it('tell what came before anybody listened, in order, and nothing after the answer was given up', async () => {
    const { url } = await serving((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n1\r\nc\r\n');
    });
    const outgoing = { connections: to(url), wanted: { ...get, isAlone: true }, timeoutMs: 3000 };
    const outcome = await exchange<HttpAnswer>(outgoing, new AbortController().signal, (answer, done) => done(answer));
    assert.ok(outcome.kind === 'done');
    // The rest of the packet has been read by now.
    await setTimeout(20);
    const told: string[] = [];
    outcome.value.tell({
      data: (part) => {
        told.push(part.toString());
        if (part.toString() === 'b') outcome.value.destroy();
      },
      over: (isWhole) => told.push(isWhole ? 'whole' : 'broken off'),
    });
    assert.deepEqual(told, ['a', 'b', 'broken off']);
  });
  it('take nothing that throws in the program for a fault of the answer', () => {
    const socket = new Socket();
    const wire = new Wire(socket, 1000, { free: () => undefined, closed: () => undefined });
    const bug = () => assert.fail('a bug');
    const sender = { answered: bug, failed: () => undefined };
    wire.send({ head: 'GET / HTTP/1.1\r\n\r\n', body: undefined, mayHaveBody: true }, sender);
    assert.throws(() => socket.emit('data', Buffer.from(whole)), /a bug/);
    socket.destroy();
  });

  it('go through a tunnel, with the login of the proxy, and agree on TLS behind it', async () => {
    const there = await serving(answers, true);
    const { port } = new URL(there.url);
    const proxy = await serving((socket, head) => {
      if (!head.startsWith('CONNECT')) return;
      socket.removeAllListeners('data');
      const through = createConnection(Number(port), '127.0.0.1');
      socket.write('HTTP/1.1 200 Connected\r\n\r\n');
      socket.pipe(through).pipe(socket);
      through.on('error', () => socket.destroy());
    });
    const connections = to(there.url, { proxy: proxy.url.replace('//', '//me:secret@') });
    for (let round = 0; round < 2; round += 1) assert.equal(await asked(connections), '200 {}');
    const login = `proxy-authorization: Basic ${Buffer.from('me:secret').toString('base64')}`;
    assert.deepEqual(proxy.state.heads, [
      `CONNECT 127.0.0.1:${port} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\n${login}\r\n\r\n`,
    ]);
    assert.ok(!there.state.heads.join('').includes('proxy-authorization'));
  });
});

/** A connection on which a request is under way, and goes out when it is told to. */
function slowToSend() {
  const told: string[] = [];
  let end = (): void => undefined;
  const duplex = new Duplex({ read: () => undefined, write: (_, _encoding, done) => (end = done) });
  // What a connection uses of a socket.
  const socket = Object.assign(duplex, { setTimeout: () => duplex, ref: () => duplex }) as unknown as Socket;
  const wire = new Wire(socket, 1000, { free: () => told.push('free'), closed: () => told.push('closed') });
  const sender = {
    answered: (answer: HttpAnswer) => answer.tell({ data: () => undefined, over: () => undefined }),
    failed: assert.fail,
  };
  wire.send({ head: 'GET / HTTP/1.1\r\n\r\n', body: undefined, mayHaveBody: true }, sender);
  return { told, answer: () => socket.emit('data', Buffer.from(whole)), end: () => end() };
}
