import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { sample, string } from 'fast-check';
import { shellWord } from '../../../src/core/text/shell.ts';

describe('a word for a shell', () => {
  it('stands as it is where it needs no quotes', () => {
    assert.equal(shellWord('AWS_REGION=eu-west-1'), 'AWS_REGION=eu-west-1');
  });
  it('comes out of a shell as it went in, whatever is in it', () => {
    const words = sample(string({ unit: 'binary', minLength: 1 }), 50).map((word) => word.replaceAll('\0', ''));
    const awkward = ['', ' ', '$(id)', '`id`', "it's", String.raw`a\b`, '*', '~', '{"a":"b"}', '\n', '!!'];
    const all = [...awkward, ...words].map((word) => word.replaceAll(/[\uD800-\uDFFF]/g, ''));
    const said = execFileSync('sh', ['-c', `printf '%s\\0' ${all.map(shellWord).join(' ')}`], { encoding: 'utf8' });
    assert.deepEqual(said.split('\0').slice(0, -1), all);
  });
});
