import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { abandonAfterGrace } from '../../src/controller/grace.ts';
import { systemClock } from '../../src/adapters/clock.ts';

function stage(graceMs: number) {
  const [stop, drained] = [new AbortController(), new AbortController()];
  const said: string[] = [];
  const log = (_: string, message: string, keys?: Readonly<Record<string, unknown>>) =>
    void said.push(`${message} ${JSON.stringify(keys)}`);
  const abandon = abandonAfterGrace(stop.signal, drained.signal, () => 3, { graceMs }, { clock: systemClock, log });
  return { stop, drained, said, ...abandon };
}

describe('the grace after a stop', () => {
  it('has not begun before the stop', async () => {
    const { signal, said } = stage(1);
    await systemClock.sleep(20);
    assert.equal(signal.aborted, false);
    assert.deepEqual(said, []);
  });

  it('ends with all that is still in flight abandoned, and says how much that is', async () => {
    const { stop, signal, ended, said } = stage(5);
    stop.abort('SIGTERM');
    await ended;
    assert.equal(signal.aborted, true);
    assert.deepEqual(said, ['What is still in flight is abandoned {"namespaces":3}']);
  });

  it('ends at once when all is drained, and there is nothing to say', async () => {
    const { stop, drained, ended, said } = stage(60_000);
    stop.abort('SIGTERM');
    drained.abort('Drained');
    await ended;
    assert.deepEqual(said, []);
  });
});
