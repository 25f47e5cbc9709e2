import type { Socket } from 'node:net';

/** What a server does to one request, of which it has read the head. */
export type Misdeed = (socket: Socket) => void;

const block = 'x'.repeat(16 * 1024);

/** Writes a text for ever, as fast as it is read. */
export function flood(socket: Socket, text = block): void {
  const more = () => {
    while (!socket.destroyed && socket.write(text));
  };
  socket.on('drain', more);
  more();
}

/** Writes a text a byte at a time, so many a second, over and over. */
export function trickle(socket: Socket, text: string, everyMs = 20): void {
  let at = 0;
  const timer = setInterval(() => {
    if (socket.destroyed) return clearInterval(timer);
    socket.write(text[at % text.length] ?? '');
    at += 1;
  }, everyMs);
}

/** A whole answer. */
export function answer(status: number, body: string, headers: Record<string, string> = {}): Misdeed {
  const all = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)), ...headers };
  return (socket) => socket.write(`${head(status, all)}${body}`);
}

/** A whole answer in JSON. */
export function json(status: number, body: unknown, headers: Record<string, string> = {}): Misdeed {
  return answer(status, JSON.stringify(body), headers);
}

export function head(status: number, headers: Record<string, string>): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Whatever\r\n${lines.join('')}\r\n`;
}

const chunked = head(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' });
const endless = head(200, { 'content-type': 'application/json', 'content-length': '99999999999' });

/** Ways in which any server misbehaves on the wire, whatever it was asked. */
export const wireMisdeeds: Readonly<Record<string, Misdeed>> = {
  'closes without a word': (socket) => socket.end(),
  'breaks off without a word': (socket) => ('encrypted' in socket ? socket.destroy() : socket.resetAndDestroy()),
  'closes after half a status line': (socket) => socket.end('HTTP/1.1 2'),
  'closes after its head': (socket) => socket.end(chunked),
  'says nothing': () => undefined,
  'says something that is no HTTP': (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'),
  'answers in HTTP/2': (socket) => socket.end(Buffer.from('00001204000000000000030000006400040000ffff00050000', 'hex')),
  'answers a body without a head': (socket) => socket.end('{"kind":"Status"}'),
  'answers with a status of two digits': (socket) => socket.end('HTTP/1.1 99 Odd\r\ncontent-length: 0\r\n\r\n'),
  'answers with a status of four digits': (socket) => socket.end('HTTP/1.1 2000 Odd\r\ncontent-length: 0\r\n\r\n'),
  'sends a head without an end': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\n');
    flood(socket, `x-flood: ${block.slice(0, 1000)}\r\n`);
  },
  'sends a line of the head without an end': (socket) => {
    socket.write('HTTP/1.1 200 OK\r\nx-flood: ');
    flood(socket);
  },
  'sends a head a byte at a time': (socket) => trickle(socket, `HTTP/1.1 200 OK\r\n${'x-slow: y\r\n'.repeat(1000)}`),
  'sends a head with a line that is none': (socket) => socket.end('HTTP/1.1 200 OK\r\nno colon here\r\n\r\n{}'),
  'sends a head with a control character': (socket) => socket.end('HTTP/1.1 200 OK\r\nx: \u0000\u0001\r\n\r\n{}'),
  'says 100 Continue for ever': (socket) => flood(socket, 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(100)),
  'says 103 Early Hints for ever': (socket) =>
    flood(socket, 'HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n'.repeat(50)),
  'switches to another protocol': (socket) =>
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'),
  'announces more than it sends, and closes': (socket) =>
    socket.end(head(200, { 'content-type': 'application/json', 'content-length': '1000' }) + '{"kind":'),
  'announces more than it sends, and waits': (socket) =>
    socket.write(head(200, { 'content-type': 'application/json', 'content-length': '1000' }) + '{"kind":'),
  'announces less than it sends': (socket) =>
    socket.write(
      head(200, { 'content-type': 'application/json', 'content-length': '5' }) + '{"kind":"Status","items":[]}',
    ),
  'announces two lengths': (socket) =>
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 20\r\n\r\n{}'),
  'announces a length that is no number': (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n{}'),
  'announces a length below nothing': (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n{}'),
  'announces a length and chunks': (socket) =>
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n'),
  'sends chunks whose sizes are no numbers': (socket) => socket.end(`${chunked}zz\r\n{}\r\n0\r\n\r\n`),
  'sends a chunk larger than any': (socket) => {
    socket.write(`${chunked}ffffffffffffffff\r\n{"a":"`);
    flood(socket);
  },
  'sends half a chunk, and closes': (socket) => socket.end(`${chunked}10\r\n{"kind"`),
  'sends chunks without an end': (socket) => {
    socket.write(chunked);
    flood(socket, `4000\r\n${block}\r\n`);
  },
  'sends chunks of one byte without an end': (socket) => {
    socket.write(chunked);
    flood(socket, '1\r\nx\r\n'.repeat(2000));
  },
  'sends an extension of a chunk without an end': (socket) => {
    socket.write(`${chunked}1;x=`);
    flood(socket);
  },
  'sends trailers without an end': (socket) => {
    socket.write(`${chunked}2\r\n{}\r\n0\r\n`);
    flood(socket, `x-trailer: ${block.slice(0, 1000)}\r\n`);
  },
  'sends a body without an end': (socket) => {
    socket.write(endless);
    flood(socket);
  },
  'sends a body of spaces without an end': (socket) => {
    socket.write(endless);
    flood(socket, ' '.repeat(16 * 1024));
  },
  'sends a body a byte at a time': (socket) => {
    socket.write(endless);
    trickle(socket, '{"kind":"List"');
  },
  'says that it is compressed': answer(200, '\u001f\u008b\u0008\u0000garbage', { 'content-encoding': 'gzip' }),
  'answers 204': (socket) => socket.write('HTTP/1.1 204 No Content\r\n\r\n'),
  'answers with a page of HTML': answer(200, '<html><h1>Sign in</h1></html>', { 'content-type': 'text/html' }),
  'answers 502 with a page of HTML': answer(502, '<html><h1>Bad gateway</h1></html>', { 'content-type': 'text/html' }),
  'sends to somewhere else': answer(302, '', { location: 'https://192.0.2.1/elsewhere' }),
  'sends to itself': answer(307, '', { location: '/' }),
  'answers in another encoding': answer(200, Buffer.from('{"kind":"Status"}', 'utf16le').toString('latin1')),
  'answers with half a character': (socket) =>
    socket.write(
      Buffer.concat([
        Buffer.from(head(200, { 'content-type': 'application/json', 'content-length': '4' })),
        Buffer.from([0x22, 0xe2, 0x82, 0x22]),
      ]),
    ),
  'answers with nothing': answer(200, ''),
  'answers null': json(200, null),
  'answers a number': json(200, 7),
  'answers a list': json(200, []),
  'answers an empty object': json(200, {}),
  'answers two megabytes of brackets': answer(200, '['.repeat(2_000_000)),
  'answers a million empty objects': answer(200, `[${Array(690_000).fill('{}').join(',')}]`),
  'answers with keys of the language': answer(
    200,
    '{"__proto__":{"items":[]},"constructor":1,"toString":{},"items":{}}',
  ),
};
