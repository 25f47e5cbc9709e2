import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createMetrics } from '../../../src/adapters/controller/metrics.ts';
import type { ControllerStatus } from '../../../src/core/controller/controller-status.ts';
import { placed } from '../../../src/core/secret/outcome.ts';
import { sinkOf } from '../../support/sink.ts';

const status: ControllerStatus = {
  isLeading: true,
  isSynced: true,
  isCut: false,
  hasToken: true,
  hasCaughtUp: true,
  depth: 3,
  delayed: 2,
  secrets: { valid: 5, expired: 0, missing: 1, failed: 0, refused: 0, contended: 0 },
  tokens: [{ host: 'a.example', expiresAtMs: 1_700_000_000_000 }],
};

function samplesOf(text: string): Map<string, number> {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
}

describe('metrics', () => {
  it('ask for the status once a scrape, which goes through every namespace', async () => {
    const metrics = createMetrics('1.2.3', sinkOf());
    let asked = 0;
    metrics.attach(() => {
      asked += 1;
      return status;
    });
    await metrics.text();
    assert.equal(asked, 1);
    await metrics.text();
    assert.equal(asked, 2);
  });

  it('show the status as it is at each scrape', async () => {
    const metrics = createMetrics('1.2.3', sinkOf());
    let now = status;
    metrics.attach(() => now);
    const shown = samplesOf(await metrics.text());
    assert.equal(shown.get('ecr_cred_helper_leader'), 1);
    assert.equal(shown.get('ecr_cred_helper_queue_depth'), 3);
    assert.equal(shown.get('ecr_cred_helper_queue_delayed'), 2);
    assert.equal(shown.get('ecr_cred_helper_secrets{state="valid"}'), 5);
    assert.equal(shown.get('ecr_cred_helper_secrets{state="missing"}'), 1);
    assert.equal(shown.get('ecr_cred_helper_token_expiry_timestamp_seconds{registry="a.example"}'), 1_700_000_000);
    now = { ...status, isLeading: false, depth: 0, tokens: [] };
    const later = samplesOf(await metrics.text());
    assert.equal(later.get('ecr_cred_helper_leader'), 0);
    assert.equal(later.get('ecr_cred_helper_queue_depth'), 0);
    assert.ok(![...later.keys()].some((name) => name.includes('token_expiry')), 'a registry that is gone is not shown');
  });

  it('know when a namespace was last served, and take no failure for that', async () => {
    const metrics = createMetrics('1.2.3', sinkOf());
    const last = async () => samplesOf(await metrics.text()).get('ecr_cred_helper_last_success_timestamp_seconds') ?? 0;
    const place = { namespace: 'a', secretName: 'b' };
    metrics.meter.applied(['failed', placed('SecretInvalid', place, { why: 'no' })], 1);
    metrics.meter.applied(['refused', placed('SecretImmutable', place, { why: 'no' })], 1);
    assert.equal(await last(), 0);
    metrics.meter.applied(['applied', 'SecretCreated'], 1);
    assert.ok(Math.abs((await last()) - Date.now() / 1000) < 60);
  });

  it('of the process have the names that every dashboard knows', async () => {
    const shown = samplesOf(await createMetrics('1.2.3', sinkOf()).text());
    for (const name of [
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'process_start_time_seconds',
      'process_open_fds',
      'nodejs_heap_size_used_bytes',
      'nodejs_eventloop_lag_seconds',
    ]) {
      assert.ok(shown.has(name), name);
    }
    assert.ok((shown.get('process_resident_memory_bytes') ?? 0) > 20e6);
  });

  it('leave out the lag that has to be measured all the time', async () => {
    const shown = samplesOf(await createMetrics('1.2.3', sinkOf()).text());
    assert.deepEqual(
      [...shown.keys()].filter((name) => name.startsWith('nodejs_eventloop_lag_')),
      ['nodejs_eventloop_lag_seconds'],
    );
  });

  it('have no secret in a label, and no text without a bound', async () => {
    const metrics = createMetrics('1.2.3', sinkOf('a-known-secret'));
    metrics.meter.watchRestarted('namespaces', `because of a-known-secret ${'x'.repeat(1000)}`);
    const label = /watch_restarts_total\{[^}]*reason="([^"]*)"/.exec(await metrics.text())?.[1] ?? '';
    assert.match(label, /^because of \[redacted\] x+…$/);
    assert.ok(label.length <= 254);
  });
});
