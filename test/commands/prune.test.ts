import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { parse } from 'yaml';
import { hourMs, isGolden, labels, shown, startOperatorStage, type OperatorStage } from '../support/operator-stage.ts';
import { ended } from '../support/job-stage.ts';
import { until } from '../support/until.ts';

const names = ['labelled', 'left', 'left-foreign-key', 'left-touched', 'left-type', 'stranger'];

/** Else whatever is done first is told first. */
const inOrder = ['--concurrency', '1'];

describe('prune', () => {
  let stage: OperatorStage;
  before(async () => {
    stage = await startOperatorStage('prune');
  });
  after(() => stage.close());
  beforeEach(() => {
    const { kubernetes, secret, account } = stage;
    kubernetes.faults.clear();
    for (const name of [...names, 'left-too']) kubernetes.deleteNamespace(name);
    kubernetes.createNamespace('labelled', labels);
    for (const name of names.slice(1)) kubernetes.createNamespace(name);
    secret('labelled');
    secret('left', { expiresInMs: -hourMs });
    secret('left-foreign-key', { auths: ['123456789012.dkr.ecr.eu-west-1.amazonaws.com', 'ghcr.io'] });
    secret('left-touched', { manager: 'kubectl-edit' });
    secret('left-type', { type: 'Opaque' });
    secret('stranger', { labels: {}, manager: 'kubectl-create' });
    account('left', 'builder', ['other', 'ecr-creds', 'third']);
    account('left', 'untouched', ['other']);
  });

  const standing = () => names.filter((name) => stage.kubernetes.getSecret(name, 'ecr-creds') !== undefined);

  it('wants to be told off a terminal, and touches nothing', async () => {
    const { code, stdout, lines } = await stage.as(['prune']);
    assert.deepEqual([code, stdout, lines.map((line) => line['code'])], [2, '', ['ConfirmationMissing']]);
    assert.deepEqual(standing(), names);
  });

  it('shows in a dry run what it would remove, and removes nothing', async () => {
    const revision = stage.kubernetes.revision();
    await isGolden('prune/dry-run.txt', shown(await stage.as(['prune', '--dry-run', ...inOrder])));
    assert.equal(stage.kubernetes.revision(), revision);
  });

  it('removes what it made where the label is gone, and takes it out of ServiceAccounts', async () => {
    await isGolden('prune/done.txt', shown(await stage.as(['prune', '--yes', ...inOrder])));
    assert.deepEqual(
      standing(),
      names.filter((name) => name !== 'left'),
    );
    assert.deepEqual(stage.pullSecretsOf('left', 'builder'), [{ name: 'other' }, { name: 'third' }]);
    assert.deepEqual(stage.pullSecretsOf('left', 'untouched'), [{ name: 'other' }]);
  });

  it('answers machines with one JSON document', async () =>
    isGolden('prune/done.json.txt', shown(await stage.as(['prune', '--yes', '-o', 'json', ...inOrder]))));

  it('removes those of labelled namespaces, too, with --all, and never those of others', async () => {
    await isGolden('prune/all.txt', shown(await stage.as(['prune', '--all', '--yes', ...inOrder])));
    assert.deepEqual(standing(), ['left-foreign-key', 'left-touched', 'left-type', 'stranger']);
  });

  it('has nothing left to do the second time', async () => {
    await stage.as(['prune', '--yes', '-n', 'left']);
    const { code, stdout } = await stage.as(['prune', '--yes', '-n', 'left']);
    assert.deepEqual([code, stdout], [0, 'There is nothing to remove\n']);
  });

  it('prunes one namespace alone', async () => {
    stage.kubernetes.createNamespace('left-too');
    stage.secret('left-too');
    assert.equal((await stage.as(['prune', '--yes', '-n', 'left-too'])).code, 0);
    assert.equal(stage.kubernetes.getSecret('left-too', 'ecr-creds'), undefined);
    assert.deepEqual(standing(), names);
  });

  /** Runs prune and does something after the secret was read and before it is removed. */
  async function meanwhile(act: () => void, args: readonly string[] = []) {
    const match = { resource: 'serviceaccounts', verb: 'list', namespace: 'left' };
    stage.kubernetes.stats.reset();
    stage.kubernetes.faults.add({ match, effect: { delayMs: 700 } });
    const run = ended(stage.start(['prune', '--yes', '-n', 'left', ...args], stage.env));
    await until('the accounts are asked for', () => {
      return (stage.kubernetes.stats.counts().requests['LIST serviceaccounts'] ?? 0) > 0;
    });
    act();
    return run;
  }

  it('leaves a secret that changed since it was looked at', async () => {
    const { code, lines } = await meanwhile(() => stage.secret('left', { expiresInMs: 11 * hourMs }));
    assert.deepEqual([code, lines.at(-1)?.['code'], lines.at(-1)?.['where']], [5, 'SecretChanged', 'left/ecr-creds']);
    assert.deepEqual(standing(), names);
    assert.equal(JSON.stringify(stage.pullSecretsOf('left', 'builder')).includes('ecr-creds'), true);
  });

  it('leaves a secret that was made anew since it was looked at', async () => {
    const { code, lines } = await meanwhile(() => {
      stage.kubernetes.remove('v1', 'Secret', 'left', 'ecr-creds');
      stage.secret('left');
    });
    assert.deepEqual([code, lines.at(-1)?.['code']], [5, 'SecretChanged']);
    assert.deepEqual(standing(), names);
  });

  it('is content where somebody else removed it meanwhile', async () => {
    const { code, stdout } = await meanwhile(() => stage.kubernetes.remove('v1', 'Secret', 'left', 'ecr-creds'));
    assert.equal(code, 0);
    assert.match(stdout, /^gone {2}left\/ecr-creds$/m);
  });

  it('leaves the namespace that got its label back since the list was read', async () => {
    const match = { resource: 'secrets', verb: 'get', namespace: 'left' };
    stage.kubernetes.stats.reset();
    stage.kubernetes.faults.add({ match, effect: { delayMs: 700 } });
    const run = ended(stage.start(['prune', '--yes'], stage.env));
    await until('secrets are read', () => (stage.kubernetes.stats.counts().requests['GET secrets'] ?? 0) > 0);
    stage.kubernetes.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'left', labels } });
    const { code, stdout } = await run;
    assert.equal(code, 0);
    assert.match(stdout, /^kept {2}left\/ecr-creds: its namespace carries the label$/m);
    assert.deepEqual(standing(), names);
  });

  it('goes on with the others where one is refused, and exits with 5', async () => {
    stage.kubernetes.createNamespace('left-too');
    stage.secret('left-too');
    const match = { verb: 'delete', resource: 'secrets', namespace: 'left' };
    stage.kubernetes.faults.add({ match, effect: { status: 403 } });
    const { code, lines } = await stage.as(['prune', '--yes']);
    assert.deepEqual([code, lines.map((line) => line['where'])], [5, ['left/ecr-creds']]);
    assert.equal(stage.kubernetes.getSecret('left-too', 'ecr-creds'), undefined);
    assert.deepEqual(standing(), names);
  });

  it('shows no login', async () => {
    for (const form of ['text', 'json']) {
      const { stdout, stderr } = await stage.as(['prune', '--all', '--dry-run', '-o', form, '--log-level', 'debug']);
      assert.doesNotMatch(stdout + stderr, /QVdT|password/i);
    }
  });

  it('cannot be told both to remove and not to', async () => {
    const { code, lines } = await stage.as(['prune', '--yes', '--dry-run']);
    assert.deepEqual([code, lines.map((line) => line['code'])], [2, ['OptionsContradict']]);
  });

  describe('needs each permission of its role', async () => {
    const path = join(import.meta.dirname, '../../deploy/operators/prune.yaml');
    const role: { rules: { resources: string[]; verbs: string[] }[] } = parse(await readFile(path, 'utf8'));
    for (const [index, { resources, verbs }] of role.rules.entries()) {
      for (const verb of verbs) {
        it(`without ${verb} on ${resources.join()} it says so, and removes nothing`, async () => {
          const rules = role.rules.map((rule, at) =>
            at === index ? { ...rule, verbs: verbs.filter((one) => one !== verb) } : rule,
          );
          stage.kubernetes.apply({ ...role, rules: rules.filter((rule) => rule.verbs.length > 0) });
          const { code, stderr } = await stage.as(['prune', '--yes', '-n', 'left']);
          stage.kubernetes.apply(role);
          assert.equal(code, verb === 'list' && resources[0] !== 'serviceaccounts' ? 4 : 5, stderr);
          assert.match(stderr, new RegExp(`cannot ${verb} resource \\\\"${resources.join()}\\\\"`));
          assert.match(stderr, new RegExp(`"fix":"[^}]*verbs \\[\\\\"[^}]*${verb}`));
          assert.deepEqual(standing(), names);
        });
      }
    }
  });
});
