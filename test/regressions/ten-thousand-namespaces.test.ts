/** Every namespace at once, in the memory that the manifests give. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { labels, startStage } from '../support/controller-stage.ts';
import { ended, startJobStage } from '../support/job-stage.ts';
import { peakOf, shippedProgram, type ShippedProgram } from '../support/shipped-program.ts';
import { until } from '../support/until.ts';

const count = 10_000;

describe('ten thousand namespaces', () => {
  let program: ShippedProgram;
  before(async () => {
    program = await shippedProgram();
  });
  after(() => program.close());

  it('are served by a pass in 64 MiB', { timeout: 120_000 }, async () => {
    const stage = await startJobStage(program.within(64));
    try {
      const names = stage.kubernetes.createNamespaces(count, 'team-', labels);
      const child = stage.start(['-o', 'json']);
      const peakMiB = peakOf(child);
      const run = await ended(child);
      assert.equal(run.code, 0, run.stderr.slice(-2000));
      assert.equal(JSON.parse(run.stdout).counts.applied, count);
      for (const name of names) assert.ok(stage.kubernetes.getSecret(name, 'ecr-creds'), name);
      process.stdout.write(`at most ${peakMiB().toFixed(1)} MiB of its own\n`);
      assert.ok(peakMiB() < 64, `${peakMiB()} MiB`);
    } finally {
      await stage.close();
    }
  });

  it(
    'of which a policy denies five thousand in 16 KiB of words each do not fill the 128 MiB of a controller',
    { timeout: 120_000 },
    async () => {
      const stage = await startStage({ command: program.within(128) });
      try {
        const message = `admission webhook "x" denied the request: ${'not like this, '.repeat(1080)}`;
        const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', message, reason: 'Forbidden', code: 403 };
        stage.kubernetes.faults.add({ match: { verb: 'patch', resource: 'secrets' }, effect: { status: 403, body } });
        stage.kubernetes.faults.add({ match: { resource: 'events' }, effect: { status: 403, body } });
        stage.kubernetes.createNamespaces(count / 2, 'team-', labels);
        const replica = await stage.start();
        const peakMiB = peakOf(replica.child);
        const denied = async () =>
          (await replica.metric('applies_total{result="failed",reason="AdmissionDenied"}')) >= count / 2;
        await until('all are denied', denied, 90_000);
        process.stdout.write(`at most ${peakMiB().toFixed(1)} MiB of its own\n`);
        assert.ok(peakMiB() < 128, `${peakMiB()} MiB`);
      } finally {
        await stage.close();
      }
    },
  );

  it('with 4 KiB written on each are served by a controller in 128 MiB', { timeout: 120_000 }, async () => {
    const stage = await startStage({ command: program.within(128) });
    try {
      const annotations = { note: 'n'.repeat(4096) };
      const names = Array.from({ length: count }, (_, index) => `team-${index}`);
      for (const name of names) {
        stage.kubernetes.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels, annotations } });
      }
      const replica = await stage.start({ LOG_LEVEL: 'warn' });
      const peakMiB = peakOf(replica.child);
      await until(
        'all are served',
        () => names.every((name) => stage.kubernetes.getSecret(name, 'ecr-creds') !== undefined),
        90_000,
      );
      // All are listed anew while all are known.
      stage.kubernetes.compact();
      stage.kubernetes.dropConnections();
      stage.kubernetes.createNamespace('late', labels);
      await stage.served('late');
      process.stdout.write(`at most ${peakMiB().toFixed(1)} MiB of its own\n`);
      assert.ok(peakMiB() < 128, `${peakMiB()} MiB`);
      assert.equal(replica.count('No longer leading'), 0);
    } finally {
      await stage.close();
    }
  });
});
