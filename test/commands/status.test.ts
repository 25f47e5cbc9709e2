import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { inventoryCluster } from '../../src/adapters/kubernetes/inventory-cluster.ts';
import {
  host,
  hourMs,
  isGolden,
  labels,
  minuteMs,
  shown,
  startOperatorStage,
  type OperatorStage,
} from '../support/operator-stage.ts';

/** Half a minute, so that what is shown in minutes stays the same while a test runs. */
const halfMs = minuteMs / 2;
const escape = '\u001B';

describe('status, where there is something of everything', () => {
  let stage: OperatorStage;
  before(async () => {
    stage = await startOperatorStage('status');
    everything(stage);
  });
  after(() => stage.close());

  it('shows a row a namespace, what is amiss, and what mends it', async () =>
    isGolden('status/everything.txt', shown(await stage.as(['status']))));

  it('shows all of it when asked for wide rows', async () =>
    isGolden('status/everything-wide.txt', shown(await stage.as(['status', '-o', 'wide']))));

  it('answers machines with one JSON document', async () => {
    const run = await stage.as(['status', '-o', 'json']);
    assert.equal(JSON.parse(run.stdout).namespaces.length, 9);
    await isGolden('status/everything.json.txt', shown(run));
  });

  it('writes no colours into a pipe, and some where they are asked for', async () => {
    const plain = await stage.as(['status']);
    const coloured = await stage.as(['status'], { FORCE_COLOR: '1' });
    assert.ok(!plain.stdout.includes(escape));
    assert.ok(coloured.stdout.includes(`${escape}[31mexpired${escape}[39m`));
    assert.equal(stripVTControlCharacters(coloured.stdout), plain.stdout);
    assert.equal((await stage.as(['status'], { FORCE_COLOR: '1', NO_COLOR: '1' })).stdout, plain.stdout);
  });

  it('shows one namespace alone', async () => {
    const { code, stdout } = await stage.as(['status', '-n', 'expired']);
    assert.equal(code, 5);
    assert.deepEqual(firstWords(stdout), ['NAMESPACE', 'expired', '1', 'expired']);
  });

  it('exits with 0 where that namespace is well', async () => {
    const { code, stdout } = await stage.as(['status', '--namespace', 'valid']);
    assert.equal(code, 0);
    assert.match(stdout, /^1 namespace: 1 valid$/m);
  });

  it('shows what something is amiss with alone, where that is asked for, and counts all', async () => {
    const { code, stdout } = await stage.as(['status', '--problems']);
    assert.equal(code, 5);
    const rows = firstWords(stdout);
    for (const well of ['valid', 'two-registries']) assert.ok(!rows.includes(well), stdout);
    for (const amiss of ['expired', 'missing', 'no-label']) assert.ok(rows.includes(amiss), stdout);
    assert.match(stdout, /^9 namespaces: 2 valid, /m);
    const { namespaces, counts } = JSON.parse((await stage.as(['status', '--problems', '-o', 'json'])).stdout);
    assert.equal(namespaces.length, 7);
    assert.ok(namespaces.every(({ problem }: { problem: boolean }) => problem));
    assert.equal(counts.PullSecretValid, 2);
  });

  it('says that there is nothing where the namespace has nothing to do with it', async () => {
    const { code, stdout, lines } = await stage.as(['status', '-n', 'stranger']);
    assert.equal(code, 0);
    assert.equal(stdout, '0 namespaces\n');
    assert.deepEqual(
      lines.map((line) => line['code']),
      ['NoNamespaces'],
    );
  });

  it('writes nothing, needs nothing of AWS, and makes one request for each list', async () => {
    const before = stage.kubernetes.revision();
    stage.kubernetes.stats.reset();
    await stage.as(['status', '-o', 'json']);
    assert.equal(stage.kubernetes.revision(), before);
    assert.equal(stage.aws.issuedTokens.length, 0);
    assert.deepEqual(stage.kubernetes.stats.counts().requests, { 'LIST namespaces': 1, 'LIST secrets': 1 });
  });

  it('is sent no secret, since it asks for metadata alone', async () => {
    const transport = stage.administratorTransport();
    const query = { secretName: 'ecr-creds', limit: 500 };
    const reply = await inventoryCluster(transport).listSecrets(query, new AbortController().signal);
    transport.close();
    const body = JSON.stringify(reply.kind === 'answer' ? reply.body : reply);
    assert.match(body, /"kind":"PartialObjectMetadataList"/);
    assert.doesNotMatch(body, /QVdT|"data":/);
  });

  it('shows no login', async () => {
    for (const form of ['text', 'wide', 'json']) {
      const { stdout, stderr } = await stage.as(['status', '-o', form, '--log-level', 'debug']);
      assert.doesNotMatch(stdout + stderr, /QVdT|dockerconfigjson"?:|password/i);
    }
  });

  it('looks as somebody else with --as, who needs the permissions', async () => {
    const env = { KUBECONFIG: stage.administrator };
    const allowed = await stage.as(['status', '--as', 'system:serviceaccount:default:operator', '-n', 'valid'], env);
    assert.equal(allowed.code, 0, allowed.stderr);
    const refused = await stage.as(['status', '--as', 'jane', '--as-group', 'nobody'], env);
    assert.equal(refused.code, 4);
    assert.match(refused.stderr, /User \\"jane\\" cannot list resource/);
  });
});

describe('status', () => {
  let stage: OperatorStage;
  before(async () => {
    stage = await startOperatorStage('status');
  });
  after(() => stage.close());

  it('warns where no namespace carries the label', async () => {
    const { code, stdout, lines } = await stage.as(['status']);
    assert.deepEqual([code, stdout, lines.map((line) => line['code'])], [0, '0 namespaces\n', ['NoNamespaces']]);
  });

  it('exits with 4 and names the rule that lacks, for each of the two lists', async () => {
    const rules = { namespaces: 'ApiListForbidden', secrets: 'SecretListForbidden' };
    for (const [resource, code] of Object.entries(rules)) {
      const role = without(stage.kubernetes.get(...statusRole), resource);
      const whole = stage.kubernetes.get(...statusRole);
      stage.kubernetes.apply(role);
      const run = await stage.as(['status']);
      stage.kubernetes.apply(bare(whole));
      assert.deepEqual([run.code, run.stdout], [4, ''], run.stderr);
      assert.equal(run.lines.at(-1)?.['code'], code);
      assert.match(String(run.lines.at(-1)?.['fix']), new RegExp(`resources \\["${resource}"\\].*verbs \\["list"\\]`));
    }
    assert.equal((await stage.as(['status'])).code, 0);
  });

  it('tells a machine, too, that it could not look', async () => {
    stage.kubernetes.faults.add({ match: { resource: 'secrets', verb: 'list' }, effect: { status: 403 } });
    const { code, stdout } = await stage.as(['status', '-o', 'json']);
    stage.kubernetes.faults.clear();
    const document = JSON.parse(stdout);
    assert.deepEqual([code, document.exitCode, document.complete], [4, 4, false]);
    assert.equal(document.failure.code, 'SecretListForbidden');
  });

  it('tries again where the server is overloaded for a moment', async () => {
    const effect = { status: 429, headers: { 'retry-after': '0' } };
    stage.kubernetes.faults.add({ match: { resource: 'secrets', verb: 'list' }, times: 2, effect });
    assert.equal((await stage.as(['status'])).code, 0);
  });

  it('does not take wide for another command', async () => {
    const { code, lines } = await stage.as(['prune', '-o', 'wide']);
    assert.deepEqual([code, lines.map((line) => line['code'])], [2, ['OptionValueInvalid']]);
  });
});

const statusRole = ['rbac.authorization.k8s.io/v1', 'ClusterRole', '', 'ecr-cred-helper-status'] as const;

type Role = { rules: { resources: string[] }[] };

function bare(role: object | undefined): object {
  // The stage put a ClusterRole there.
  const { rules } = role as Role;
  return {
    apiVersion: statusRole[0],
    kind: statusRole[1],
    metadata: { name: statusRole[3] },
    rules,
  };
}

function without(role: object | undefined, resource: string): object {
  const whole = bare(role) as Role;
  return { ...whole, rules: whole.rules.filter(({ resources }) => !resources.includes(resource)) };
}

function firstWords(text: string): string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '');
}

/** A namespace in each state that there is. */
export function everything(stage: OperatorStage): void {
  const { kubernetes, secret } = stage;
  const make = (name: string) => kubernetes.createNamespace(name, labels);
  for (const name of ['valid', 'expired', 'expiring', 'missing', 'not-ours', 'overwritten', 'no-expiry']) make(name);
  for (const name of ['no-label', 'stranger']) kubernetes.createNamespace(name);
  secret('valid', { expiresInMs: 9 * hourMs + 5 * minuteMs + halfMs });
  secret('expired', { expiresInMs: -(hourMs + 10 * minuteMs + halfMs) });
  secret('expiring', { expiresInMs: 2 * hourMs + 20 * minuteMs + halfMs });
  secret('not-ours', { expiresInMs: null, labels: {}, manager: 'kubectl-create' });
  secret('overwritten', { expiresInMs: 9 * hourMs + 5 * minuteMs + halfMs, manager: 'other-refresher' });
  secret('no-expiry', { expiresInMs: null });
  secret('no-label', { expiresInMs: 9 * hourMs + 5 * minuteMs + halfMs });
  secret('stranger', { expiresInMs: null, labels: {}, manager: 'kubectl-create' });
  make('two-registries');
  secret('two-registries', {
    expiresInMs: 9 * hourMs + 5 * minuteMs + halfMs,
    hosts: [host, '210987654321.dkr.ecr.us-east-1.amazonaws.com'],
  });
}
