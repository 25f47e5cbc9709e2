import assert from 'node:assert/strict';
import { it } from 'node:test';
import { untilTold } from '../../src/controller/until-told.ts';

it('a part of the controller that ends by itself is a crash', async () => {
  const { signal } = new AbortController();
  await assert.rejects(
    untilTold(signal, 'the queue', Promise.resolve()),
    /^Error: the queue ended without being told to$/,
  );
});

it('one that ends because it was told is none, and one that throws is what it throws', async () => {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<void>();
  const running = untilTold(controller.signal, 'the queue', promise);
  controller.abort();
  resolve();
  await running;
  await assert.rejects(untilTold(controller.signal, 'the queue', Promise.reject(new Error('a bug'))), /^Error: a bug$/);
});
