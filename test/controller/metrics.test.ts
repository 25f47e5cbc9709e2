import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { metricTable } from '../../src/adapters/controller/metric-table.ts';
import { missing } from '../emulators/tools.ts';
import { labels, secretName, startStage, type Stage } from '../support/controller-stage.ts';
import type { Replica } from '../support/replica.ts';
import { until } from '../support/until.ts';

const page = await readFile(join(import.meta.dirname, '../../docs/metrics.md'), 'utf8');
const prefix = 'ecr_cred_helper_';

describe('the port of the controller', () => {
  let stage: Stage;
  let replica: Replica;
  let fresh: string;
  let text: string;

  before(async () => {
    stage = await startStage();
    stage.aws.faults.add({ times: 1, effect: { error: 'AccessDeniedException' } });
    replica = await stage.start();
    fresh = (await replica.get('/metrics')).text;
    await replica.ready();
    stage.kubernetes.createNamespace('served', labels);
    stage.kubernetes.createNamespace('served-too', labels);
    const metadata = { name: secretName, namespace: 'opaque' };
    stage.kubernetes.createNamespace('opaque', {});
    stage.kubernetes.apply({ apiVersion: 'v1', kind: 'Secret', metadata });
    stage.kubernetes.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'opaque', labels } });
    await stage.served('served', 'served-too');
    await until('a Warning', async () => (await replica.metric('events_total{result="accepted"}')) === 1);
    text = (await replica.get('/metrics')).text;
    process.stdout.write(text);
  });
  after(() => stage.close());

  it('serves metrics that promtool finds nothing wrong with', { skip: missing('promtool', 'prometheus') }, async () => {
    const child = spawn('promtool', ['check', 'metrics'], { stdio: ['pipe', 'pipe', 'pipe'] });
    child.stdin.end(text);
    const { promise, resolve } = Promise.withResolvers<number | null>();
    child.once('close', resolve);
    const [stdout, stderr, code] = await Promise.all([textOf(child.stdout), textOf(child.stderr), promise]);
    assert.deepEqual({ stdout, stderr, code }, { stdout: '', stderr: '', code: 0 });
  });

  it('serves what the table lists, and nothing else', () => {
    const served = [...text.matchAll(/^# HELP ecr_cred_helper_(\w+) (.+)\n# TYPE \S+ (\w+)$/gm)];
    const listed = Object.entries(metricTable).map(([name, { help, type }]) => ({ name, help, type }));
    assert.deepEqual(
      served.map(([, name, help, type]) => ({ name, help, type })).toSorted(byName),
      listed.toSorted(byName),
    );
    assert.equal(text.match(/^# TYPE ecr_cred_helper_/gm)?.length, listed.length);
  });

  it('has the metrics of the process that docs/metrics.md names, and no others beside', () => {
    const others = [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name = '']) => name);
    assert.deepEqual(
      others.filter((name) => !/^(?:ecr_cred_helper|process|nodejs)_/.test(name)),
      [],
    );
    const named = [...page.matchAll(/`((?:process|nodejs)_\w+)`/g)].map(([, name = '']) => name);
    assert.ok(named.length > 5);
    assert.deepEqual(
      named.filter((name) => !others.includes(name)),
      [],
    );
  });

  it('names every value of the states in its help', () => {
    const served = [...text.matchAll(/_secrets\{state="(\w+)"\}/g)].map(([, state]) => state);
    assert.equal(metricTable.secrets.help.split(': ')[1], `${served.join(', ')}.`);
  });

  it('counts what happened, in the units that the names say', async () => {
    assert.equal(await replica.metric('leader'), 1);
    assert.equal(await replica.metric('synced'), 1);
    const { text } = await replica.get('/metrics');
    assert.match(text, /^ecr_cred_helper_build_info\{version="0\.0\.0-\w+"\} 1$/m);
    assert.equal(await replica.metric('secrets{state="valid"}'), 2);
    assert.equal(await replica.metric('secrets{state="refused"}'), 1);
    assert.equal(await replica.metric('applies_total{result="applied",reason="SecretCreated"}'), 2);
    assert.equal(await replica.metric('applies_total{result="refused",reason="SecretTypeDiffers"}'), 1);
    assert.equal(await replica.metric('ecr_calls_total{result="ok"}'), 1);
    assert.equal(await replica.metric('ecr_calls_total{result="AwsAccessDenied"}'), 1);
    assert.equal(await replica.metric('queue_depth'), 0);
    assert.equal(await replica.metric('apply_duration_seconds_count'), 3);
    const expirySeconds = await replica.metric(
      'token_expiry_timestamp_seconds{registry="123456789012.dkr.ecr.us-east-1.amazonaws.com"}',
    );
    assert.ok(Math.abs(expirySeconds - Date.now() / 1000 - 12 * 3600) < 60, `${expirySeconds}`);
    const resident = /^process_resident_memory_bytes (\d+)$/m.exec(text)?.[1];
    const now = Date.now() / 1000;
    for (const name of [
      'last_success',
      'watch_last_heard{resource="secrets"}',
      'watch_last_heard{resource="namespaces"}',
    ]) {
      const at = await replica.metric(name.replace(/^(\w+)/, '$1_timestamp_seconds'));
      assert.ok(now - at < 60 && at <= now + 1, `${name} ${at}`);
    }
    const residentBytes = Number(resident);
    assert.ok(residentBytes > 20e6 && residentBytes < 500e6, `${residentBytes}`);
  });

  it('has counters that alerts rest on from the start, so that the first increase is seen', () => {
    for (const sample of ['events_total{result="accepted"}', 'events_total{result="refused"}', 'contentions_total']) {
      assert.ok(fresh.includes(`${prefix}${sample} 0\n`), sample);
    }
    assert.ok(fresh.includes(`${prefix}ecr_calls_total{result="ok"} 0\n`));
  });

  it('names no namespace in a label, so that it does not grow with the cluster', () => {
    assert.doesNotMatch(text, /namespace="|served"|opaque"/);
  });

  it('answers probes, and nothing else', async () => {
    const ok = { status: 200, type: 'text/plain; charset=utf-8', text: 'ok\n' };
    assert.deepEqual(await replica.get('/healthz'), ok);
    assert.deepEqual(await replica.get('/readyz'), ok);
    assert.equal((await replica.get('/metrics')).type, 'text/plain; version=0.0.4; charset=utf-8');
    for (const path of ['/', '/metrics/', '/healthz/x', '/debug/pprof', '/favicon.ico', '//metrics', '/..%2fmetrics']) {
      const answer = { status: 404, type: 'text/plain; charset=utf-8', text: 'not found\n' };
      assert.deepEqual(await replica.get(path), answer, path);
    }
    assert.equal((await replica.get('/metrics', 'POST')).status, 405);
    assert.deepEqual(await replica.get('/healthz', 'HEAD'), { ...ok, text: '' });
  });
});

describe('the port where it cannot be had', () => {
  it('is an error that says so, and exit code 2', async () => {
    const stage = await startStage();
    try {
      const first = await stage.start();
      const { port } = await first.said('Controller started');
      const second = await stage.start({ ECR_LISTEN: `127.0.0.1:${String(port)}` });
      const line = await second.said(({ code }) => code === 'ListenFailed');
      assert.equal(line['where'], `127.0.0.1:${String(port)}`);
      assert.match(String(line['why']), /EADDRINUSE/);
      assert.equal(await second.exit, 2);
    } finally {
      await stage.close();
    }
  });
});

function byName(a: { name?: string | undefined }, b: { name?: string | undefined }): number {
  return (a.name ?? '').localeCompare(b.name ?? '');
}
