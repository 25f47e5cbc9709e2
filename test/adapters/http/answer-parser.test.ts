import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AnswerParser, MalformedAnswer, type Head } from '../../../src/adapters/http/answer-parser.ts';

type Told = { head?: Head; body: string; isWhole: boolean; isKept: boolean; why?: string };

/** What is told of an answer that comes in these parts, after which the connection ends or does not. */
function told(parts: readonly string[], { mayHaveBody = true, isClosed = false } = {}): Told {
  const so: Told = { body: '', isWhole: false, isKept: false };
  const parser = new AnswerParser(
    {
      head: (head) => (so.head = head),
      data: (part) => (so.body += part.toString('latin1')),
      end: () => (so.isWhole = true),
    },
    mayHaveBody,
  );
  try {
    for (const part of parts) parser.read(Buffer.from(part, 'latin1'));
    if (isClosed) parser.closed();
  } catch (error) {
    assert.ok(error instanceof MalformedAnswer);
    so.why = error.message.replace('the answer cannot be read: ', '');
  }
  return { ...so, isKept: parser.isKept };
}

const ok = 'HTTP/1.1 200 OK\r\n';
const empty = 'content-length: 0\r\n\r\n';
const chunked = `${ok}transfer-encoding: chunked\r\n\r\n`;

describe('an answer of HTTP', () => {
  it('has a status, a reason, and headers by their names in lower case', () => {
    const { head } = told([`HTTP/1.1 407 Who are you\r\nContent-Type:  text/html \r\nX-Y: \u00e9\r\n${empty}`]);
    assert.equal(head?.status, 407);
    assert.equal(head.reason, 'Who are you');
    assert.deepEqual(
      [...head.headers],
      [
        ['content-type', 'text/html'],
        ['x-y', 'é'],
        ['content-length', '0'],
      ],
    );
  });
  it('has what is there several times joined', () => {
    assert.equal(told([`${ok}a: 1\r\nA: 2\r\n${empty}`]).head?.headers.get('a'), '1, 2');
  });
  it('comes after what is none: 100 Continue, 103 Early Hints', () => {
    const { head, body, isWhole } = told([
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nlink: x\r\n\r\n${ok}content-length: 2\r\n\r\n{}`,
    ]);
    assert.deepEqual([head?.status, body, isWhole], [200, '{}', true]);
  });

  const ends: Record<string, [text: string, body: string, isWhole: boolean, isKept: boolean]> = {
    'with as many bytes as it says': [`${ok}content-length: 2\r\n\r\n{}`, '{}', true, true],
    'not before them': [`${ok}content-length: 3\r\n\r\n{}`, '{}', false, true],
    'with its last chunk': [`${chunked}2\r\n{}\r\na;x=y\r\n0123456789\r\n0\r\n\r\n`, '{}0123456789', true, true],
    'with its trailers': [`${chunked}2\r\n{}\r\n0\r\nx-sum: 1\r\n\r\n`, '{}', true, true],
    'not before its trailers do': [`${chunked}2\r\n{}\r\n0\r\nx-sum: 1\r\n`, '{}', false, true],
    'with its head, where it has no content': ['HTTP/1.1 204 No Content\r\n\r\n', '', true, true],
    'with its head, where nothing is new': ['HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n', '', true, true],
    'with its connection, where it does not say': [`${ok}\r\n{}`, '{}', false, false],
    'and its connection, where it says so': [`${ok}connection: Close\r\n${empty}`, '', true, false],
    'and its connection, where it is of HTTP/1.0': [`HTTP/1.0 200 OK\r\n${empty}`, '', true, false],
    'and its connection, where more comes': [`${ok}content-length: 2\r\n\r\n{}{}`, '{}', true, false],
  };
  for (const [title, [text, body, isWhole, isKept]] of Object.entries(ends)) {
    it(`ends ${title}`, () => {
      for (const parts of [[text], text.split('')]) {
        const so = told(parts);
        assert.deepEqual([so.body, so.isWhole, so.isKept, so.why], [body, isWhole, isKept, undefined]);
      }
    });
  }
  it('is whole when its connection ends, only where it does not say how long it is', () => {
    assert.equal(told([`${ok}\r\n{}`], { isClosed: true }).isWhole, true);
    assert.equal(told([`${ok}content-length: 3\r\n\r\n{}`], { isClosed: true }).isWhole, false);
    assert.equal(told([`${chunked}2\r\n{}\r\n`], { isClosed: true }).isWhole, false);
    assert.equal(told([ok], { isClosed: true }).isWhole, false);
  });
  it('to HEAD and CONNECT has no body, whatever it says', () => {
    const so = told([`${ok}content-length: 1000\r\n\r\n`], { mayHaveBody: false });
    assert.deepEqual([so.isWhole, so.isKept], [true, true]);
  });

  const refused: Record<string, [text: string, why: string]> = {
    'something else': ['SSH-2.0-OpenSSH', 'it is not HTTP/1.1'],
    'something else, with the first byte': ['{', 'it is not HTTP/1.1'],
    'HTTP/2': ['HTTP/2 200\r\n\r\n', 'it is not HTTP/1.1'],
    'a status of two digits': ['HTTP/1.1 99 Odd\r\n\r\n', 'its first line is no status line'],
    'a status of four digits': ['HTTP/1.1 2000 Odd\r\n\r\n', 'its first line is no status line'],
    'a control character in its first line': ['HTTP/1.1 200 \u0001\r\n\r\n', 'its first line has a control character'],
    'a line that is no header': [`${ok}no colon\r\n\r\n`, 'a line of its head is no header'],
    'a header that goes on in the next line': [`${ok}a: b\r\n c: d\r\n\r\n`, 'a line of its head is no header'],
    'a space before a colon': [`${ok}content-length : 0\r\n\r\n`, 'a line of its head is no header'],
    'a control character in a header': [`${ok}a: \u0000\r\n\r\n`, 'a header of it has a control character'],
    'a line break within a header': [`${ok}a: b\nc: d\r\n\r\n`, 'a header of it has a control character'],
    'two lengths': [`${ok}content-length: 2\r\ncontent-length: 20\r\n\r\n{}`, 'its Content-Length is not one number'],
    'a length below nothing': [`${ok}content-length: -1\r\n\r\n`, 'its Content-Length is not one number'],
    'a length and chunks': [
      `${ok}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n`,
      'where it ends is not clear from its Transfer-Encoding',
    ],
    'another coding': [
      `${ok}transfer-encoding: gzip, chunked\r\n\r\n`,
      'where it ends is not clear from its Transfer-Encoding',
    ],
    'a size of a chunk that is no number': [`${chunked}zz\r\n`, 'the size of a chunk is no number'],
    'a size of a chunk beyond all numbers': [`${chunked}ffffffffffffffff\r\n`, 'the size of a chunk is no number'],
    'a chunk longer than its size': [`${chunked}2\r\n{}{}\r\n`, 'a chunk is longer than it says'],
    'a trailer that is none': [`${chunked}0\r\nno colon\r\n\r\n`, 'a line of its head is no header'],
    'another protocol': ['HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n', 'HTTP 101 is no answer'],
    'a head without an end': [`${ok}a: ${'x'.repeat(16 * 1024)}`, 'its head is larger than 16 KiB'],
    'a head that is too large': [`${ok}a: ${'x'.repeat(16 * 1024)}\r\n${empty}`, 'its head is larger than 16 KiB'],
    'a line of a chunk without an end': [`${chunked}1;${'x'.repeat(4096)}`, 'a line of its body is too long'],
    'trailers without an end': [`${chunked}0\r\n${'a: b\r\n'.repeat(5000)}`, 'its trailers are too long'],
    'interim answers without an end': ['HTTP/1.1 100 C\r\n\r\n'.repeat(33), 'HTTP 100 comes again and again'],
  };
  for (const [title, [text, why]] of Object.entries(refused)) {
    it(`is refused: ${title}`, () => {
      assert.equal(told([text]).why, why);
      assert.equal(told(text.split('')).why, why);
    });
  }
});
