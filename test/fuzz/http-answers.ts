import assert from 'node:assert/strict';
import http from 'node:http';
import { Duplex } from 'node:stream';
import * as fc from 'fast-check';
import { AnswerParser, MalformedAnswer } from '../../src/adapters/http/answer-parser.ts';
import { parser } from './parser.ts';

type Framing = 'length' | 'chunked' | 'until closed';
type Drawn = {
  version: string;
  status: number;
  reason: string;
  headers: [name: string, value: string][];
  framing: Framing;
  chunks: string[];
  interim: number;
  trailer: boolean;
  /** What becomes of single bytes, each at a place between 0 and 1. */
  changes: { at: number; kind: 'set' | 'delete' | 'insert'; byte: number }[];
  cuts: number[];
};

const place = fc.double({ min: 0, max: 1, noNaN: true });
const words = fc.constantFrom('a', 'content-type', 'x-y', 'connection', 'date', 'retry-after', 'Audit-ID');
const drawn: fc.Arbitrary<Drawn> = fc.record({
  version: fc.constantFrom('1.1', '1.1', '1.1', '1.0'),
  status: fc.constantFrom(200, 201, 204, 304, 401, 404, 409, 500, 599),
  reason: fc.constantFrom('OK', '', 'Who are you', 'a: b'),
  headers: fc.array(fc.tuple(words, fc.constantFrom('', 'x', 'close', 'a, b', ' spaced\t', 'é')), { maxLength: 4 }),
  framing: fc.constantFrom('length', 'chunked', 'until closed'),
  chunks: fc.array(fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 40 }), { maxLength: 4 }),
  interim: fc.integer({ min: 0, max: 2 }),
  trailer: fc.boolean(),
  changes: fc.array(
    fc.record({
      at: place,
      kind: fc.constantFrom('set', 'delete', 'insert'),
      byte: fc.oneof(fc.constantFrom(...Buffer.from('\r\n :;0123456789af\t\0')), fc.integer({ min: 0, max: 255 })),
    }),
    { maxLength: 3 },
  ),
  cuts: fc.array(place, { maxLength: 6 }),
});

function bytesOf({ version, status, reason, headers, framing, chunks, interim, trailer, changes }: Drawn): Buffer {
  const body = chunks.join('');
  const length = framing === 'length' ? [['Content-Length', String(body.length)]] : [];
  const coding = framing === 'chunked' ? [['transfer-encoding', 'chunked']] : [];
  const lines = [...headers, ...length, ...coding].map(([name, value]) => `${name}: ${value}\r\n`);
  const chunked = chunks.map((chunk, index) => {
    return `${chunk.length.toString(16)}${index === 1 ? ';a=b' : ''}\r\n${chunk}\r\n`;
  });
  const end = `0\r\n${trailer ? 'x-sum: 1\r\n' : ''}\r\n`;
  const sent = framing === 'chunked' ? [...chunked, end].join('') : body;
  const before = 'HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n'.repeat(interim);
  let bytes = Buffer.from(
    `${before}HTTP/${version} ${status} ${reason}\r\n${lines.join('')}\r\n${hasBody(status) ? sent : ''}`,
    'latin1',
  );
  for (const { at, kind, byte } of changes) {
    const index = Math.min(bytes.length - 1, Math.floor(at * bytes.length));
    const kept = kind === 'insert' ? bytes.subarray(index) : bytes.subarray(index + 1);
    bytes = Buffer.concat([bytes.subarray(0, index), kind === 'delete' ? Buffer.alloc(0) : Buffer.from([byte]), kept]);
  }
  return bytes;
}

function hasBody(status: number): boolean {
  return status !== 204 && status !== 304;
}

function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((at) => Math.floor(at * bytes.length)), bytes.length].toSorted((a, b) => a - b);
  return places.slice(1).map((end, index) => bytes.subarray(places[index] ?? 0, end));
}

/** What an answer says, where it is whole. */
type Read = { status: number; body: string } | 'none';

/** @returns what was read, and of how many bytes in the parts up to its end. */
function ours(parts: readonly Buffer[]): { read: Read; used: number } {
  const came = { status: 0, body: [] as Buffer[], isWhole: false };
  const listener = {
    head: ({ status }: { status: number }) => void (came.status = status),
    data: (part: Buffer) => void came.body.push(part),
    end: () => void (came.isWhole = true),
  };
  const reading = new AnswerParser(listener, true);
  let used = 0;
  try {
    for (const part of parts) {
      if (!came.isWhole) used += part.length;
      if (part.length > 0) reading.read(part);
    }
  } catch (error) {
    assert.ok(error instanceof MalformedAnswer);
    return { read: 'none', used };
  }
  if (!came.isWhole && !reading.closed()) return { read: 'none', used };
  return { read: { status: came.status, body: Buffer.concat(came.body).toString('latin1') }, used };
}

/** Node's own client, over a connection that says this and ends. */
function nodes(parts: readonly Buffer[]): Promise<Read> {
  return new Promise((resolve) => {
    const socket = new Duplex({ read: () => undefined, write: (_, _encoding, done) => done() });
    const request = http.request({ createConnection: () => socket });
    const none = () => resolve('none');
    request.on('error', none).on('upgrade', none);
    // The answer's own end may come after it.
    request.on('close', () => setImmediate(none));
    request.on('response', (response) => {
      const body: Buffer[] = [];
      response.on('data', (part: Buffer) => body.push(part)).on('error', none);
      response.on('end', () => {
        if (!response.complete) return none();
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(body).toString('latin1') });
      });
    });
    request.end();
    for (const part of parts) socket.push(part);
    socket.push(null);
  });
}

const plain: Drawn = {
  version: '1.1',
  status: 200,
  reason: 'OK',
  headers: [],
  framing: 'length',
  chunks: [],
  interim: 0,
  trailer: false,
  changes: [],
  cuts: [],
};

// A line break within a value; a control character in an extension; an interim answer of HTTP/1.0.
const failedOnce: Drawn[] = [
  { ...plain, changes: [{ at: 0.85, kind: 'set', byte: 13 }] },
  { ...plain, framing: 'chunked', chunks: [' ', ' '.repeat(6)], changes: [{ at: 0.75, kind: 'set', byte: 0 }] },
  { ...plain, interim: 1, changes: [{ at: 0.09, kind: 'set', byte: 48 }] },
];

/** Strict as it is, what the parser takes means the same to others, and what is right it takes. */
export const httpAnswers = parser(
  "answers of HTTP: what is right is read, in whatever pieces it comes, and what is read is what Node's own client reads",
  drawn,
  failedOnce,
  async (value) => {
    const bytes = bytesOf(value);
    const { read, used } = ours([...bytes].map((byte) => Buffer.from([byte])));
    assert.deepEqual(ours([bytes]).read, read);
    assert.deepEqual(ours(pieces(bytes, value.cuts)).read, read);
    // What comes after an answer, Node may take for a fault of it.
    if (read !== 'none') assert.deepEqual(await nodes([bytes.subarray(0, used)]), read);
    if (value.changes.length > 0) return;
    const body = hasBody(value.status) ? value.chunks.join('') : '';
    assert.deepEqual(read, { status: value.status, body });
  },
);
