import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import { createLog, type LogOptions } from '../../../src/adapters/terminal/log.ts';
import { failure } from '../../../src/core/failures/errors.ts';
import { warning } from '../../../src/core/failures/warnings.ts';
import { sinkOf } from '../../support/sink.ts';
import { textStream } from './text-stream.ts';

const nowMs = () => Date.UTC(2026, 0, 2, 3, 4, 5, 6);

function logged(options: Partial<LogOptions>, ...lines: Parameters<ReturnType<typeof createLog>>[]): string {
  const stream = textStream();
  const log = createLog({ stream, format: 'json', level: 'debug', sink: sinkOf(), env: {}, nowMs, ...options });
  for (const line of lines) log(...line);
  return stream.text();
}

const immutable = failure('SecretImmutable', {
  where: 'team-a/ecr-creds',
  why: 'the field is\nimmutable',
  namespace: 'team-a',
  secret: 'ecr-creds',
  requestId: 'r-1',
});
const fix =
  'Delete it, so that it can be made again without `immutable: true`: kubectl -n team-a delete secret ecr-creds';

describe('a log of JSON', () => {
  const head = '{"time":"2026-01-02T03:04:05.006Z","level":"info","message":"m"';
  const cases: Record<string, [Record<string, unknown>, string]> = {
    'is one object a line': [{ namespace: 'a', count: 2 }, `${head},"namespace":"a","count":2}\n`],
    'leaves out what is undefined': [{ a: undefined, b: null }, `${head},"b":null}\n`],
    'never breaks a line': [{ a: '\n\r\u2028' }, String.raw`${head},"a":"\n\r\u2028"}` + '\n'],
    'keeps its own keys': [{ time: 'x', level: 'y', message: 'z' }, `${head}}\n`],
    'writes big numbers, dates, sets and maps': [
      { a: 2n ** 64n, b: new Date(0), c: new Set([1]), d: new Map([['e', Number.NaN]]) },
      `${head},"a":"18446744073709551616","b":"1970-01-01T00:00:00.000Z","c":[1],"d":{"e":"NaN"}}\n`,
    ],
    'never writes bytes': [{ a: Buffer.from('hidden') }, `${head},"a":"(6 bytes)"}\n`],
  };
  for (const [title, [keys, line]] of Object.entries(cases)) {
    it(title, () => assert.equal(logged({}, ['info', 'm', keys]), line));
  }

  it('lays a failure out flat', () => {
    assert.deepEqual(JSON.parse(logged({}, ['error', immutable.what, { failure: immutable }])), {
      time: '2026-01-02T03:04:05.006Z',
      level: 'error',
      message: 'The secret is immutable',
      code: 'SecretImmutable',
      where: 'team-a/ecr-creds',
      why: 'the field is\nimmutable',
      fix,
      requestId: 'r-1',
    });
  });

  it('says what failed where the message does not', () => {
    const line: unknown = JSON.parse(logged({}, ['error', 'Pass failed', { failure: immutable }]));
    assert.ok(typeof line === 'object' && line !== null && 'what' in line);
    assert.equal(line.what, 'The secret is immutable');
  });

  it('ends objects that hold themselves, and bounds long lists and texts', () => {
    const loop: Record<string, unknown> = {};
    loop['self'] = loop;
    const text = logged({}, [
      'info',
      'm',
      { loop, list: Array.from({ length: 1000 }, () => 1), long: 'x'.repeat(99_999) },
    ]);
    assert.match(text, /"list":\[(?:1,){100}"… 900 more"\]/);
    assert.ok(text.length < 10_000);
  });

  it('redacts messages, keys and values at any depth before anything is escaped', () => {
    const secret = 'se"cret\\\nof more than a line';
    const error = new Error(`outer ${secret}`, { cause: new Error(`inner ${secret}`) });
    const keys = {
      [secret]: secret,
      list: [{ deep: new Map([[secret, secret]]) }],
      error,
      url: new URL('http://u:hidden@h/'),
    };
    for (const format of ['json', 'text'] as const) {
      const text = logged({ sink: sinkOf(secret), format }, ['info', `m ${secret}`, keys]);
      assert.doesNotMatch(text, /cret|hidden/);
      assert.match(text, /m \[redacted\]/);
    }
  });

  it('is one object that can be read back whatever is logged', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.dictionary(fc.string({ unit: 'binary' }), fc.anything()),
        (message, keys) => {
          const text = logged({}, ['info', message, keys]);
          assert.equal(text.indexOf('\n'), text.length - 1);
          const line: unknown = JSON.parse(text);
          assert.ok(typeof line === 'object' && line !== null && 'message' in line);
          assert.equal(line.message, message);
        },
      ),
    );
  });
});

describe('a log of text', () => {
  const cases: Record<string, [Parameters<ReturnType<typeof createLog>>, string]> = {
    'is a short line': [
      ['info', 'Pull secret created', { namespace: 'team-a', secret: 'ecr-creds' }],
      'info   Pull secret created  namespace=team-a  secret=ecr-creds\n',
    ],
    'puts values with spaces into quotes': [['warn', 'm', { a: 'b c', d: '' }], 'warn   m  a="b c"  d=\n'],
    'says why and what to do below a failure': [
      ['error', immutable.what, { failure: immutable }],
      'error  The secret is immutable  team-a/ecr-creds  SecretImmutable  requestId=r-1\n' +
        String.raw`       why  the field is\nimmutable` +
        `\n       fix  ${fix}\n`,
    ],
    'lays a warning out the same way': [
      [
        'warn',
        'No namespace carries the label',
        { warning: warning('NoNamespaces', { where: 'a=b', why: 'none', label: 'a=b' }) },
      ],
      'warn   No namespace carries the label  a=b  NoNamespaces\n' +
        '       why  none\n' +
        '       fix  Put the label a=b on the namespaces that need a pull secret. Those there are: kubectl get namespaces --show-labels\n',
    ],
    'keeps the lines of a stack': [
      ['error', 'Bug', { stack: 'Error: x\n    at y' }],
      'error  Bug\n       Error: x\n           at y\n',
    ],
    'escapes what moves a terminal or reorders text': [
      ['info', 'a\u001B[2Jb', { key: '\u202Ec\u009B' }],
      String.raw`info   a\u001b[2Jb  key=\u202ec\u009b` + '\n',
    ],
  };
  for (const [title, [line, text]] of Object.entries(cases)) {
    it(title, () => assert.equal(logged({ format: 'text' }, line), text));
  }

  it('is broken between words where a terminal ends, and what is to be typed stays in one piece', () => {
    const stream = textStream({ isTTY: true, columns: 60 });
    const env = { NO_COLOR: '1' };
    createLog({ stream, format: 'text', level: 'info', sink: sinkOf(), env, nowMs })('error', immutable.what, {
      failure: immutable,
    });
    assert.deepEqual(stream.text().split('\n'), [
      'error  The secret is immutable  team-a/ecr-creds',
      '       SecretImmutable  requestId=r-1',
      String.raw`       why  the field is\nimmutable`,
      '       fix  Delete it, so that it can be made again without',
      '            `immutable: true`:',
      '            kubectl -n team-a delete secret ecr-creds',
      '',
    ]);
  });

  it('has a remedy on one line where there is room for it', () => {
    const stream = textStream({ isTTY: true, columns: 200 });
    createLog({ stream, format: 'text', level: 'info', sink: sinkOf(), env: { NO_COLOR: '1' }, nowMs })(
      'error',
      immutable.what,
      { failure: immutable },
    );
    assert.ok(stream.text().endsWith(`       fix  ${fix}\n`));
  });

  it('never lets a value write a control character', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.dictionary(fc.string({ unit: 'binary' }), fc.anything()),
        (message, keys) => {
          const text = logged({ format: 'text' }, ['info', message, keys]);
          assert.doesNotMatch(text.replaceAll('\n', ''), /\p{Cc}/u);
        },
      ),
    );
  });
});

describe('the form of a log', () => {
  const inPod = { KUBERNETES_SERVICE_HOST: '10.0.0.1' };
  const cases: Record<string, [Partial<LogOptions>, boolean, string]> = {
    'is JSON in a pod, for what collects its output': [{ format: 'auto', env: inPod }, false, '{"time":'],
    'is text for whoever has a terminal in a pod': [
      { format: 'auto', env: { ...inPod, NO_COLOR: '1' } },
      true,
      'info   m\n',
    ],
    'is text in a pipe, as on a terminal': [{ format: 'auto' }, false, 'info   m\n'],
    'is coloured text on a terminal': [{ format: 'auto' }, true, '\u001B[32minfo \u001B[39m  m\n'],
    'is JSON on a terminal for who asks': [{ format: 'json' }, true, '{"time":'],
    'has no colours where NO_COLOR is set': [{ format: 'auto', env: { NO_COLOR: '1' } }, true, 'info   m\n'],
    'takes an empty NO_COLOR for none': [
      { format: 'auto', env: { NO_COLOR: '' } },
      true,
      '\u001B[32minfo \u001B[39m  m\n',
    ],
    'has no colours on a dumb terminal': [{ format: 'auto', env: { TERM: 'dumb' } }, true, 'info   m\n'],
    'has colours without a terminal for FORCE_COLOR': [
      { format: 'text', env: { FORCE_COLOR: '1' } },
      false,
      '\u001B[32minfo \u001B[39m  m\n',
    ],
    'obeys NO_COLOR before FORCE_COLOR': [
      { format: 'text', env: { FORCE_COLOR: '1', NO_COLOR: '1' } },
      true,
      'info   m\n',
    ],
  };
  for (const [title, [options, isTTY, start]] of Object.entries(cases)) {
    it(title, () => {
      const stream = textStream({ isTTY });
      logged({ ...options, stream }, ['info', 'm']);
      assert.equal(stream.text().slice(0, start.length), start);
    });
  }

  it('leaves out what is less important than the level', () => {
    const all = (['debug', 'info', 'warn', 'error'] as const).map((level) => [level, level] as [typeof level, string]);
    assert.equal(logged({ level: 'warn', format: 'text' }, ...all), 'warn   warn\nerror  error\n');
  });

  it('makes room before a line, and only before one that is written', () => {
    const stream = textStream();
    const beforeLine = () => void stream.write(sinkOf().text('(cleared)'));
    logged({ stream, beforeLine, format: 'text', level: 'info' }, ['debug', 'a'], ['info', 'b']);
    assert.equal(stream.text(), '(cleared)info   b\n');
  });
});
