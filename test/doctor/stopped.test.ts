import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { ended } from '../support/job-stage.ts';
import { until } from '../support/until.ts';
import { servedStage, type Stage } from './stage.ts';

describe('doctor, stopped before it has looked at everything', () => {
  let stage: Stage;
  before(async () => {
    stage = await servedStage();
  });
  after(() => stage.close());
  afterEach(() => stage.kubernetes.faults.clear());

  const slow = { match: { verb: 'list', resource: 'namespaces' }, effect: { hang: true } } as const;

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`by ${signal} ends with ${code} and tells nothing: what was interrupted is not broken`, async () => {
      stage.kubernetes.faults.add(slow);
      const listed = () => stage.kubernetes.stats.requests['LIST namespaces'] ?? 0;
      const child = stage.start(['doctor'], stage.laptop);
      const run = ended(child);
      const before = listed();
      await until('namespaces are asked for', () => listed() > before);
      child.kill(signal);
      const { code: got, stdout, stderr } = await run;
      assert.deepEqual([got, stdout], [code, '']);
      assert.match(stderr, /It was stopped before it had looked at everything/);
    });
  }
});
