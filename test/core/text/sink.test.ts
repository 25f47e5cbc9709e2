import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { Outlet } from '../../../src/adapters/terminal/outlet.ts';
import type { TextStream } from '../../../src/adapters/terminal/text.ts';
import { findingLines } from '../../../src/core/doctor/report.ts';
import { frame, jsonRows, offered, type Sink } from '../../../src/core/text/sink.ts';
import type { ControllerCluster } from '../../../src/ports.ts';
import { redactorOf, sinkOf } from '../../support/sink.ts';

const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

describe('a line for people', () => {
  const sink = sinkOf();
  const cases: Record<string, [foreign: string, shown: string]> = {
    'keeps ordinary text, in any script': ['team-ä 名前 ✓', 'team-ä 名前 ✓'],
    'has no orders to the terminal': ['\u001B[2J\u001B]0;x\u0007', String.raw`\u001b[2J\u001b]0;x\u0007`],
    'has none of eight bits either': ['\u009B2J\u0085', String.raw`\u009b2J\u0085`],
    'starts no other line': [
      'a\nFAKE ✓ all is well\r\u2028b\u2029c',
      String.raw`a\nFAKE ✓ all is well\r\u2028b\u2029c`,
    ],
    'is read in the order in which it was written': [
      'a\u202Eb\u2066c\u061C\u200F',
      String.raw`a\u202eb\u2066c\u061c\u200f`,
    ],
    'hides nothing': ['a\u200Bb\uFEFF\u{E0041}', String.raw`a\u200bb\ufeff\udb40\udc41`],
    'has no half characters': ['\uD800 x', String.raw`\ud800 x`],
  };
  for (const [title, [foreign, shown]] of Object.entries(cases)) {
    it(title, () => {
      assert.equal(sink.lines([foreign], false), `${shown}\n`);
      assert.equal(sink.lines([['> ', { text: foreign, colour: 'red' }]], false), `> ${shown}\n`);
      assert.equal(sink.text(foreign), shown);
    });
  }

  it('has its colours where they are wanted, around what is foreign and never from it', () => {
    const line = ['a ', { text: '\u001B[32m✓', colour: 'red' as const }];
    assert.equal(sink.lines([line], true), 'a \u001B[31m\\u001b[32m✓\u001B[39m\n');
  });

  it('of a frame ends where the frame says', () => {
    assert.equal(
      frame(sink.lines(['a\n', 'b'], false)),
      '\u001B[H' + String.raw`a\n` + '\u001B[K\r\nb\u001B[K\u001B[J',
    );
  });
});

describe('JSON', () => {
  const sink = sinkOf(secret);

  it('is read back as it was, and in it stands nothing that a terminal obeys', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ noUnicodeString: false }),
        fc.string({ unit: 'binary', maxLength: 50 }),
        (value, text) => {
          const written = sinkOf().json({ value, text });
          assert.deepEqual(JSON.parse(written), JSON.parse(JSON.stringify({ value, text })));
          assert.doesNotMatch(written, /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u);
        },
      ),
    );
  });

  it('has in ASCII what a terminal could take for an order, and all else as it is', () => {
    const value = { '\u009b31m': 'é \u202Eabc \u{E0001}' };
    assert.equal(sinkOf().json(value), String.raw`{"\u009b31m":"é \u202eabc \udb40\udc01"}`);
  });

  it('shows nothing under the name of a secret, and no known one anywhere', () => {
    const value = { password: 'short', list: [{ a: `x ${secret}`, [secret]: 1 }], token: null };
    const shown = { password: '[redacted]', list: [{ a: 'x [redacted]', '[redacted]': 1 }], token: null };
    assert.deepEqual(JSON.parse(sink.json(value)), shown);
  });

  it('of rows is one document, with rows and without', () => {
    const none = jsonRows(sink, { head: secret }, 'rows');
    assert.deepEqual(JSON.parse(none.end({ tail: 1 })), { head: '[redacted]', rows: [], tail: 1 });
    const some = jsonRows(sink, { head: 1 }, 'rows');
    const text = some.row({ a: 1 }) + some.row({ a: secret }) + some.end({ tail: 1 });
    assert.deepEqual(JSON.parse(text), { head: 1, rows: [{ a: 1 }, { a: '[redacted]' }], tail: 1 });
  });
});

describe('what a shell is offered', () => {
  const words = (...values: string[]) => values.map((value) => ({ value, about: 'a\tb' }));
  it('is a line for each word, what it is behind a tab, and what else the shell may offer', () => {
    assert.equal(offered(sinkOf(), words('one', 'two'), false), 'one\ta\\tb\ntwo\ta\\tb\n:4\n');
    assert.equal(offered(sinkOf(), [], true), ':0\n');
  });
  it('is no word that would not be the one that is meant', () => {
    const odd = ['two\nlines', 'a\u001B[2J', 'AKIAIOSFODNN7EXAMPLE', ''];
    assert.equal(offered(sinkOf(), words(...odd, 'plain'), false), 'plain\ta\\tb\n:4\n');
  });
});

describe('a planted secret', () => {
  // What credentials are made of; a random one holds no piece of the mask.
  const planted = fc.string({
    minLength: 20,
    maxLength: 3000,
    unit: fc.constantFrom(...Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_."&<%')),
  });
  const forms: Record<string, (text: string) => string> = {
    'as it is': (text) => text,
    'in base64': (text) => Buffer.from(text).toString('base64'),
    'in base64 of something around it': (text) => Buffer.from(`{"a":"${text}"}`).toString('base64'),
    'in base64 for URLs': (text) => Buffer.from(`.${text}.`).toString('base64url'),
    'in a URL': encodeURIComponent,
    'in a URL in small letters': (text) =>
      encodeURIComponent(text).replaceAll(/%[\dA-F]{2}/g, (hex) => hex.toLowerCase()),
    'in JSON': (text) => JSON.stringify(text),
    'in JSON in JSON': (text) => JSON.stringify(JSON.stringify(text)),
    'in JSON as Go writes it': (text) =>
      JSON.stringify(text).replaceAll('&', '\\u0026').replaceAll('<', '\\u003c').replaceAll('>', '\\u003e'),
  };
  // So much of one may be an accident; a password of which that is known is as good as unknown.
  const told = 24;
  for (const [form, of] of Object.entries(forms)) {
    it(`never comes out ${form}, wherever it stands and wherever the text ends`, () => {
      fc.assert(
        fc.property(
          planted,
          fc.string({ unit: 'binary', maxLength: 30 }),
          fc.nat(5000),
          fc.nat(3000),
          (value, noise, before, cutOff) => {
            const written = of(value);
            const text = `${noise}${' '.repeat(before)}${written}`.slice(
              0,
              before + noise.length + Math.max(told, written.length - cutOff),
            );
            const sink = sinkOf(value);
            const shown = [
              sink.text(text),
              sink.lines([text], false),
              sink.json(text),
              sink.lines([sink.clean(text)], false),
            ];
            for (const each of shown) {
              const bare = each.replaceAll('\\', '');
              for (let at = 0; at + told <= written.length; at += 1) {
                assert.ok(!bare.includes(written.slice(at, at + told).replaceAll('\\', '')));
              }
            }
          },
        ),
        { numRuns: 60 },
      );
    });
  }

  it('is not given away by the place where a long text is cut', () => {
    for (let before = 4000; before < 4200; before += 1) {
      const shown = redactorOf(secret)(`${'.'.repeat(before)}${secret}${'.'.repeat(before)}`);
      assert.doesNotMatch(shown, /wJal|EKEY/);
      assert.ok(shown.length <= 4120, String(shown.length));
    }
  });

  it('of no known value but of a known shape is not given away there either', () => {
    for (let before = 4000; before < 4200; before += 1) {
      const shown = redactorOf()(`${'.'.repeat(before)} AKIAIOSFODNN7EXAMPLE ${'.'.repeat(before)}`);
      assert.doesNotMatch(shown, /AKIAIO/);
    }
  });
});

describe('a text of any length', () => {
  // Ratios in one run: what is beyond the part that is shown is not looked at.
  for (const unit of [
    'a',
    '\\',
    '"',
    'eyJ.',
    'http://a:',
    'Bearer ',
    '"auth":"',
    '-----BEGIN PRIVATE KEY-----',
    'A1b/',
    '\u001B',
  ]) {
    it(`takes no longer for being long: ${JSON.stringify(unit)}`, () => {
      const sink = sinkOf(...Array.from({ length: 100 }, (_, index) => `${secret}${index}`.repeat(20)));
      const timed = (text: string): number => {
        const startMs = performance.now();
        assert.ok(sink.text(text).length < 30_000);
        return performance.now() - startMs;
      };
      const short = unit.repeat(5000 / unit.length);
      const long = unit.repeat(20_000_000 / unit.length);
      timed(short);
      const times = [timed(short), timed(long)].map(Math.ceil);
      assert.ok((times[1] ?? 0) < 50 * (times[0] ?? 0) + 50, times.join(' '));
    });
  }
});

it('what has not gone through a sink does not compile', () => {
  // Never called: the compiler judges it, and complains where an error that is expected does not come.
  const unsafe = (stream: TextStream, cluster: ControllerCluster, outlet: Outlet, text: string, sink: Sink): void => {
    // @ts-expect-error -- a plain text on a stream
    stream.write(text);
    // @ts-expect-error -- a safe text that something was added to
    stream.write(`${sink.text(text)}\n`);
    // @ts-expect-error -- a plain text on standard output
    void outlet.told(text);
    // @ts-expect-error -- an Event that nobody redacted
    void cluster.createEvent('team-a', JSON.stringify({ note: text }), AbortSignal.abort());
    // @ts-expect-error -- findings that nobody redacted
    findingLines([], { verbose: false });
    stream.write(sink.text(text));
  };
  assert.equal(typeof unsafe, 'function');
});
