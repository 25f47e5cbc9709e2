/** docs/release.md against what a release has. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { it, test } from 'node:test';
import { overlaysIn } from '../../build/release/install-files.ts';
import { allFilesOf, filesOf } from '../../build/release/names.ts';
import { platforms } from '../../build/release/platforms.ts';
import { ownVersion } from '../../build/version.ts';
import { missing, run, withDirectory } from '../emulators/tools.ts';

const root = join(import.meta.dirname, '../..');
const page = await readFile(join(root, 'docs/release.md'), 'utf8');
const version = ownVersion();
const packages = {
  buildah: 'buildah',
  runc: 'runc',
  readelf: 'binutils',
  'aarch64-linux-gnu-strip': 'binutils-aarch64-linux-gnu',
  'qemu-aarch64-static': 'qemu-user-static',
};
const lacking =
  Object.entries(packages)
    .map(([program, debianPackage]) => missing(program, debianPackage))
    .find((why) => why !== false) ??
  (process.getuid?.() !== 0 && 'a release is made by root');

test('docs/release.md names every file of a release, and no other', () => {
  const files = allFilesOf(
    version,
    platforms.map(({ architecture }) => architecture),
    overlaysIn(root),
  );
  const rows = page.split('\n').filter((line) => line.startsWith('| `'));
  const named = rows.flatMap((row) =>
    [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name),
  );
  const shown = named.flatMap((name) =>
    name === 'install-<folder>.yaml'
      ? overlaysIn(root).map((overlay) => filesOf(version).install(overlay))
      : [name.replace('<version>', version)],
  );
  assert.deepEqual(shown.toSorted(), [...files, `${filesOf(version).checksums}.sigstore.json`].toSorted());
});

it('npm run release -- --help is what the page says, and needs nothing', async () => {
  const { code, stdout } = await run(process.execPath, [join(root, 'build/release/main.ts'), '--help'], { PATH: '' });
  assert.equal(code, 0);
  for (const option of ['--dry-run', '--twice']) {
    assert.ok(stdout.includes(`\n  ${option} `), option);
    assert.ok(page.includes(option), option);
  }
});

test('a folder with something else in it is not emptied for a release', { skip: lacking }, async () => {
  await withDirectory(async (folder) => {
    await writeFile(join(folder, 'thesis.txt'), 'of somebody');
    const script = join(root, 'build/release/main.ts');
    for (const out of [folder, root, join(folder, 'thesis.txt')]) {
      const { code, stderr } = await run(process.execPath, [script, '--dry-run', '--no-check', '--out', out]);
      assert.deepEqual([code, stderr], [2, `${out} has something else in it than a release: name another --out\n`]);
    }
    assert.equal(await readFile(join(folder, 'thesis.txt'), 'utf8'), 'of somebody');
  });
});

test('a release is refused, with what it lacks, before anything is made', async () => {
  const { code, stdout, stderr } = await run(process.execPath, [join(root, 'build/release/main.ts'), '--dry-run'], {
    PATH: '/nonexistent',
  });
  assert.deepEqual([code, stdout], [2, '']);
  assert.match(
    stderr,
    /^npm run release needs(?:: apt-get install buildah .*| Linux on amd64| root.*| Debian 12.*)\n$/,
  );
});

test('a release whose --dry-run went to npm, as it does without --, is none either', async () => {
  const script = join(root, 'build/release/main.ts');
  const env = { PATH: '/nonexistent', npm_config_dry_run: 'true' };
  const [swallowed, real] = await Promise.all([
    run(process.execPath, [script], env),
    run(process.execPath, [script], { PATH: '/nonexistent' }),
  ]);
  assert.ok(!swallowed.stderr.includes(' gh'), swallowed.stderr);
  if (lacking === false) assert.ok(real.stderr.includes(' gh'), real.stderr);
});

test('what npm run release does not know is named, and nothing is made', async () => {
  for (const [word, name] of [
    ['--dryrun', "Unknown option '--dryrun'"],
    ['2.0.0', "Unexpected argument '2.0.0'"],
  ] as const) {
    const { code, stdout, stderr } = await run(process.execPath, [join(root, 'build/release/main.ts'), word]);
    assert.deepEqual([code, stdout], [2, '']);
    assert.ok(stderr.startsWith(name) && !stderr.includes(' at '), stderr);
    assert.match(stderr, /npm run release -- --help\n$/);
  }
});

test('a release is not begun that could not be signed', { skip: lacking }, async () => {
  await withDirectory(async (folder) => {
    const release = () => run(process.execPath, [join(root, 'build/release/main.ts')], { PATH: folder });
    for (const program of Object.keys(packages)) await writeFile(join(folder, program), '');
    // /usr/sbin and /sbin are looked at, too.
    assert.match((await release()).stderr, /^npm run release needs: apt-get install skopeo gh\n$/);
    for (const program of ['skopeo', 'gh']) await writeFile(join(folder, program), '');
    const { code, stdout, stderr } = await release();
    assert.deepEqual([code, stdout], [2, '']);
    assert.match(stderr, /^npm run release needs cosign, which signs: https:/);
  });
});
