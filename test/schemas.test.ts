/** What `-o json` prints is what docs/schemas says. Doctor, status and prune are held to it with each of their golden files. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { pullSecret } from './support/operator-stage.ts';
import { startJobStage, type JobStage } from './support/job-stage.ts';
import { flawsIn, isAsDocumented } from './support/schemas.ts';

describe('the summary of a pass', () => {
  let stage: JobStage;
  before(async () => {
    stage = await startJobStage();
    stage.kubernetes.createNamespace('shop', { credentialType: 'ecr' });
  });
  after(() => stage.close());

  const situations: Record<string, { code: number; begin?: () => void; args?: string[]; end?: () => void }> = {
    'a dry run': { code: 0, args: ['--dry-run'] },
    'a secret that is made': { code: 0 },
    'a namespace that is refused': {
      code: 5,
      begin: () => {
        stage.kubernetes.createNamespace('others', { credentialType: 'ecr' });
        stage.kubernetes.apply(pullSecret('others', { manager: 'kubectl', type: 'Opaque' }), 'kubectl');
      },
    },
    'AWS that gives no token': {
      code: 3,
      begin: () => stage.aws.faults.add({ effect: { error: 'AccessDeniedException' } }),
      end: () => stage.aws.faults.clear(),
    },
    'an API server that refuses to list': {
      code: 4,
      begin: () => stage.kubernetes.remove('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', '', 'ecr-cred-helper'),
    },
  };
  for (const [title, { code, begin, args = [], end }] of Object.entries(situations)) {
    it(`of ${title} is as documented`, async () => {
      begin?.();
      const run = await stage.run(['-o', 'json', ...args]);
      end?.();
      assert.equal(run.code, code, run.stderr);
      isAsDocumented('refresh', run.stdout);
    });
  }
});

describe('the schemas', () => {
  const summary = {
    exitCode: 0,
    namespaces: 0,
    durationMs: 1,
    dryRun: false,
    counts: { applied: 0, unchanged: 0, adopted: 0, skipped: 0, refused: 0, failed: 0, notDone: 0 },
    created: 0,
    complete: true,
    tokens: [{ registries: ['a'], expiresAt: '2026-01-01T00:00:00Z' }],
    problems: [],
    problemsOmitted: 0,
    failures: [],
  };
  const { created, ...without } = summary;
  const wrong: Record<string, unknown> = {
    'has a field that is not documented': { ...summary, more: 1 },
    'lacks one': without,
    'counts something else': { ...summary, counts: { ...summary.counts, more: 0 } },
    'has a time of another form': { ...summary, tokens: [{ registries: ['a'], expiresAt: 'soon' }] },
    'has a failure of another code': { ...summary, failures: [{ code: 'No', what: '', where: '', why: '', fix: '' }] },
  };
  it('take what is right', () => assert.deepEqual([flawsIn('refresh', summary), created], [[], 0]));
  for (const [title, document] of Object.entries(wrong)) {
    it(`refuse what ${title}`, () => assert.notEqual(flawsIn('refresh', document).length, 0));
  }
});
