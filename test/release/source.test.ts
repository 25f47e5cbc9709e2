/** What a release says that it is built from. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, test } from 'node:test';
import { parse } from 'yaml';
import { changesOf, entriesOf } from '../../build/release/changelog.ts';
import { builtFrom, revisionOf, sourceOf, whyNotReleased, type Source } from '../../build/release/source.ts';
import { ownVersion } from '../../build/version.ts';
import { run, withDirectory } from '../emulators/tools.ts';

const version = ownVersion();
const released: Source = {
  version: '2.0.0',
  commit: 'c0ffee',
  isTagged: true,
  changed: [],
  epochSeconds: 1_700_000_000,
};
const changes = 'something';
const untagged = 'there is no tag v2.0.0 at it';

describe('it is built from', () => {
  const cases: [string, Partial<Source>, string | undefined, string, string | undefined][] = [
    ['a tag', {}, changes, 'tag v2.0.0, commit c0ffee, dated 2023-11-14T22:13:20Z', undefined],
    [
      'a commit without one',
      { isTagged: false },
      changes,
      `commit c0ffee, dated 2023-11-14T22:13:20Z; not a release: ${untagged}`,
      untagged,
    ],
    [
      'a tag that was changed after',
      { changed: [' M src/cli.ts'] },
      changes,
      'tag v2.0.0, commit c0ffee, with a file that is not committed, dated 2023-11-14T22:13:20Z; not a release: not committed: src/cli.ts',
      'not committed: src/cli.ts',
    ],
    [
      'a tag whose changes are not told',
      {},
      undefined,
      'tag v2.0.0, commit c0ffee, dated 2023-11-14T22:13:20Z; not a release: CHANGELOG.md has no "## 2.0.0 (<year>-<month>-<day>)"',
      'CHANGELOG.md has no "## 2.0.0 (<year>-<month>-<day>)"',
    ],
    [
      'a folder that git does not read',
      { commit: 'unknown', whyUnknown: 'fatal: it is not yours', isTagged: false },
      changes,
      'a folder, dated 2023-11-14T22:13:20Z; not a release: git reads no checkout here (fatal: it is not yours)',
      'git reads no checkout here (fatal: it is not yours)',
    ],
  ];
  for (const [title, given, told, text, why] of cases) {
    it(title, () => {
      const source = { ...released, ...given };
      assert.equal(builtFrom(source, told), `ecr-cred-helper 2.0.0 from ${text}`);
      assert.equal(whyNotReleased(source, told), why);
    });
  }

  it('is in the image as a commit, that says whether it was changed', () => {
    assert.equal(revisionOf(released), 'c0ffee');
    assert.equal(revisionOf({ ...released, changed: [' M a'] }), 'c0ffee-modified');
  });
});

test('git says what it is, and SOURCE_DATE_EPOCH when', async () => {
  await withDirectory(async (folder) => {
    const date = '2025-03-04T05:06:07Z';
    const env = { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
    const git = async (...args: string[]): Promise<string> => {
      const who = ['-c', 'user.name=a', '-c', 'user.email=a@b', '-c', 'init.defaultBranch=main'];
      const { code, stdout, stderr } = await run('git', [...who, '-C', folder, ...args], env);
      assert.equal(code, 0, stderr);
      return stdout.trim();
    };
    assert.throws(
      () => sourceOf(folder, {}),
      /git reads no checkout here \(fatal: not a git repository.*\): mend that, or set SOURCE_DATE_EPOCH/,
    );
    const { commit: none, whyUnknown } = sourceOf(folder, { SOURCE_DATE_EPOCH: '7' });
    assert.equal(none, 'unknown');
    assert.match(String(whyUnknown), /^fatal: not a git repository/);
    await git('init', '-q');
    await writeFile(join(folder, 'a'), 'a');
    await git('add', '.');
    await git('commit', '-qm', 'one');
    const commit = await git('rev-parse', 'HEAD');
    const expected = { version, commit, isTagged: false, changed: [], epochSeconds: Date.parse(date) / 1000 };
    assert.deepEqual(sourceOf(folder, {}), expected);
    await git('tag', `v${version}-rc.1`);
    assert.equal(sourceOf(folder, {}).isTagged, false);
    await git('tag', `v${version}`);
    assert.deepEqual(sourceOf(folder, { SOURCE_DATE_EPOCH: '7' }), { ...expected, isTagged: true, epochSeconds: 7 });
    await writeFile(join(folder, 'b'), 'b');
    assert.deepEqual(sourceOf(folder, {}).changed, ['?? b']);
    for (const epoch of ['', 'now', '-1', '1.5']) {
      assert.throws(() => sourceOf(folder, { SOURCE_DATE_EPOCH: epoch }), /SOURCE_DATE_EPOCH has to be whole seconds/);
    }
  });
});

test('the changes of a release are its section of the changelog, once that has its day', async () => {
  const log = '# C\n\n## 2.1.0 (unreleased)\n\nnew\n\n## 2.0.0 (2026-01-02)\n\n### Added\n\n- a\n\n## 1.0.0\n\nold\n';
  assert.equal(changesOf(log, '2.0.0'), '### Added\n\n- a\n');
  assert.deepEqual(
    ['2.1.0', '1.0.0', '2.0', '3.0.0'].map((one) => changesOf(log, one)),
    Array(4).fill(undefined),
  );
  assert.deepEqual(
    entriesOf(
      '## 2.1.0 (unreleased)\n\n### Added\n\n- one\n  and more\n- two\n\n### Fixed\n\n- x\n\n## 2.0.0\n\n### Added\n\n- old\n',
      '2.1.0',
    ),
    [
      { kind: 'added', description: 'one and more' },
      { kind: 'added', description: 'two' },
      { kind: 'fixed', description: 'x' },
    ],
  );
  const own = await readFile(join(import.meta.dirname, '../../CHANGELOG.md'), 'utf8');
  assert.match(changesOf(own.replace('(unreleased)', '(2026-01-02)'), version) ?? '', /^A new program/);
});

test('Artifact Hub is told the changes of the chart', async () => {
  const read = (path: string) => readFile(join(import.meta.dirname, '../..', path), 'utf8');
  const { annotations } = parse(await read('deploy/chart/Chart.yaml'));
  const told: { kind: string; description: string }[] = parse(annotations['artifacthub.io/changes']);
  assert.deepEqual(told, entriesOf(await read('CHANGELOG.md'), version));
  // https://artifacthub.io/docs/topics/annotations/helm/
  const kinds = ['added', 'changed', 'deprecated', 'removed', 'fixed', 'security'];
  assert.deepEqual(
    told.filter(({ kind }) => !kinds.includes(kind)),
    [],
  );
  assert.ok(told.length > 5);
});
