import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createProgress } from '../../../src/adapters/terminal/progress.ts';
import { sinkOf } from '../../support/sink.ts';
import { textStream } from './text-stream.ts';

const erase = '\r\u001B[2K';
const plain = { NO_COLOR: '1' };

describe('a progress bar', () => {
  const cases: Record<string, [number, { done: number; known: number; more: boolean }, string]> = {
    'shows how much is done': [
      80,
      { done: 25, known: 100, more: false },
      `${erase}[==========                              ] 25/100 namespaces`,
    ],
    'says that more will come, and draws no bar that would run back when they do': [
      80,
      { done: 500, known: 500, more: true },
      `${erase}500 namespaces, and more to come`,
    ],
    'shrinks with the terminal': [30, { done: 30, known: 60, more: false }, `${erase}[=====     ] 30/60 namespaces`],
    'is words alone on a narrow terminal': [12, { done: 30, known: 60, more: false }, `${erase}30/60 names`],
    'is not drawn for a few namespaces': [80, { done: 1, known: 49, more: false }, ''],
  };
  for (const [title, [columns, state, text]] of Object.entries(cases)) {
    it(title, () => {
      const stream = textStream({ isTTY: true, columns });
      createProgress(stream, sinkOf(), plain, () => 0).update(state);
      assert.equal(stream.text(), text);
      assert.ok(text.length - erase.length < columns);
    });
  }

  it('is drawn at most ten times a second', () => {
    const stream = textStream({ isTTY: true });
    let now = 0;
    const progress = createProgress(stream, sinkOf(), plain, () => now);
    for (; now <= 1000; now++) progress.update({ done: now, known: 1000, more: false });
    assert.equal(stream.text().split(erase).length - 1, 11);
  });

  it('goes on when the clock is set back', () => {
    const stream = textStream({ isTTY: true });
    let now = 1_000_000;
    const progress = createProgress(stream, sinkOf(), plain, () => now);
    progress.update({ done: 1, known: 100, more: false });
    now = 0;
    progress.update({ done: 2, known: 100, more: false });
    assert.match(stream.text(), /2\/100 namespaces$/);
  });

  it('makes room for lines of the log and goes at the end, once each', () => {
    const stream = textStream({ isTTY: true });
    const progress = createProgress(stream, sinkOf(), plain, () => 0);
    progress.clear();
    progress.update({ done: 1, known: 100, more: false });
    const drawn = stream.text();
    progress.clear();
    progress.end();
    assert.equal(stream.text(), `${drawn}${erase}`);
  });

  it('has colours where they are wanted', () => {
    const stream = textStream({ isTTY: true });
    createProgress(stream, sinkOf(), {}, () => 0).update({ done: 50, known: 100, more: false });
    assert.ok(stream.text().includes(`[\u001B[32m${'='.repeat(20)}\u001B[39m${' '.repeat(20)}]`));
  });

  it('is never drawn without a terminal that can erase a line', () => {
    for (const [isTTY, env] of [
      [false, { FORCE_COLOR: '1' }],
      [true, { TERM: 'dumb' }],
    ] as const) {
      const stream = textStream({ isTTY });
      const progress = createProgress(stream, sinkOf(), env, () => 0);
      progress.update({ done: 1, known: 100, more: false });
      progress.clear();
      progress.end();
      assert.equal(stream.text(), '');
    }
  });
});
