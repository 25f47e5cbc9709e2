/** A page of HTML with 200, in answer to a write: counted as done once, with exit code 0 and no secret. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import { startStage, withPrune } from '../support/controller-stage.ts';
import { startJobStage, type JobStage } from '../support/job-stage.ts';
import { until } from '../support/until.ts';

const labels = { credentialType: 'ecr' };
const answers = {
  'a page of HTML': { headers: { 'content-type': 'text/html' }, body: '<html><h1>Sign in</h1></html>' },
  'a page of HTML that says it is JSON': {
    headers: { 'content-type': 'application/json' },
    body: '<html><h1>Sign in</h1></html>',
  },
  'nothing at all': { headers: {}, body: '' },
  'an empty object': { headers: { 'content-type': 'application/json' }, body: '{}' },
  null: { headers: { 'content-type': 'application/json' }, body: 'null' },
  'a Status that calls it a success': {
    headers: { 'content-type': 'application/json' },
    body: '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success"}',
  },
};

describe('a success without the object in it', () => {
  let stage: JobStage;
  before(async () => {
    stage = await startJobStage();
    stage.kubernetes.createNamespace('team-b', labels);
  });
  afterEach(() => stage.kubernetes.faults.clear());
  after(() => stage.close());

  it('is none: its namespace has failed, and the others are served', async () => {
    for (const [index, answer] of Object.values(answers).entries()) {
      const namespace = `odd-${index}`;
      stage.kubernetes.createNamespace(namespace, labels);
      const match = { verb: 'patch', resource: 'secrets', namespace } as const;
      stage.kubernetes.faults.add({ match, effect: { status: 200, ...answer } });
    }
    const run = await stage.run(['-o', 'json']);
    assert.equal(run.code, 5, run.stderr);
    const { counts, problems } = JSON.parse(run.stdout);
    assert.deepEqual([counts.failed, counts.applied], [Object.keys(answers).length, 1]);
    for (const { code, namespace, why } of problems) {
      assert.equal(code, 'NamespaceUnserved');
      assert.match(why, /is no JSON but|is not the JSON|something else than was asked for/);
      assert.equal(stage.kubernetes.getSecret(namespace, 'ecr-creds'), undefined);
    }
    assert.ok(stage.login('team-b'));
  });

  it('of a removal: the secret is there, and prune says that it failed', async () => {
    await stage.run();
    const kubeconfig = join(stage.directory, 'kubeconfig');
    await writeFile(kubeconfig, stage.kubernetes.kubeconfig());
    stage.kubernetes.faults.add({
      match: { verb: 'delete', resource: 'secrets' },
      effect: { status: 200, ...answers['an empty object'] },
    });
    const run = await stage.run(['prune', '--yes', '--all', '-o', 'json'], { KUBECONFIG: kubeconfig });
    assert.equal(run.code, 5, run.stderr + run.stdout);
    assert.ok(stage.login('team-b'));
  });
});

describe('a Lease that was not written, though a page of HTML says 200', () => {
  it('makes nobody lead, and is said', async () => {
    const stage = await startStage({ manifests: withPrune });
    try {
      stage.kubernetes.createNamespace('team-a', labels);
      for (const verb of ['create', 'update'] as const) {
        for (const answer of [answers['an empty object'], answers['a page of HTML']]) {
          stage.kubernetes.faults.add({
            match: { verb, resource: 'leases' },
            times: 2,
            effect: { status: 200, ...answer },
          });
        }
      }
      const replica = await stage.start();
      await until('it says so', () => replica.find('Lease could not be written, trying again') !== undefined);
      assert.equal(stage.isServed('team-a'), false);
      stage.kubernetes.faults.clear();
      await stage.served('team-a');
    } finally {
      await stage.close();
    }
  });
});
