import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseBounded } from '../../../src/core/text/bounded-json.ts';

const bounds = { depth: 32, values: 10_000 };

describe('JSON of others', () => {
  it('is parsed whatever it holds where there are no bounds', () => {
    assert.equal(parseBounded('['.repeat(100) + ']'.repeat(100), undefined).kind, 'json');
  });

  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
  const cases: Record<string, [text: string, kind: 'json' | 'none' | 'tooMuch']> = {
    'is parsed': ['{"auths":{}}', 'json'],
    'may be nested so deep': [nested(32), 'json'],
    'may not be nested deeper': [nested(33), 'tooMuch'],
    'may be nested no deeper in objects either': ['{"a":'.repeat(33), 'tooMuch'],
    'may come up again': [`[${Array(100).fill(nested(30)).join(',')}]`, 'json'],
    'may hold brackets in texts, as many as it likes': [
      JSON.stringify(['['.repeat(20_000), '{"'.repeat(20_000)]),
      'json',
    ],
    'may hold commas in texts': [JSON.stringify(','.repeat(20_000)), 'json'],
    'is not taken in by an escaped quote': [`["\\"${'['.repeat(40)}"]`, 'json'],
    'is not taken in by an escaped backslash before a quote': [`["\\\\",${nested(33)}]`, 'tooMuch'],
    'may hold so many values': [`[${Array(9999).fill(1).join(',')}]`, 'json'],
    'may hold no more': [`[${Array(10_001).fill(1).join(',')}]`, 'tooMuch'],
    'may hold no more empty ones': [`[${Array(6000).fill('[]').join(',')}]`, 'tooMuch'],
    'may be none': ['AWS:p', 'none'],
    'may be empty': ['', 'none'],
  };
  for (const [title, [text, kind]] of Object.entries(cases)) {
    it(title, () => assert.equal(parseBounded(text, bounds).kind, kind));
  }

  it('is said to be too much in words', () => {
    const words = [nested(33), `[${'1,'.repeat(10_000)}1]`].map((text) => {
      const parsed = parseBounded(text, bounds);
      return parsed.kind === 'tooMuch' && parsed.why;
    });
    assert.deepEqual(words, ['it is nested more than 32 levels deep', 'it holds more than 10000 values']);
  });
});
