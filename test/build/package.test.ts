/** What `npm pack` makes, installed as people do: by npm, by npx, and by krew. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { glob, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, delimiter, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import manifest from '../../package.json' with { type: 'json' };
import { manualPage } from '../../build/man.ts';
import { buildProgram } from '../../build/program.ts';
import { packPackage, packPlugin } from '../../build/release/archives.ts';
import { krewManifest } from '../../build/release/krew.ts';
import { filesOf } from '../../build/release/names.ts';
import { missing, run } from '../emulators/tools.ts';
import { bundledTool } from '../support/bundled-tools.ts';

const root = join(import.meta.dirname, '../..');
const { version } = manifest;

describe('the package', () => {
  let directory: string;
  let program: string;
  let archive: string;
  let contents: string[];

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ecr-cred-helper-package-'));
    program = join(directory, 'program');
    await buildProgram(program, version);
    // A cache fits one version of Node alone.
    await writeFile(join(program, 'main.cache'), 'of no use elsewhere');
    archive = join(directory, filesOf(version).package);
    await packPackage(root, program, join(directory, 'package'), archive);
    contents = (await run('tar', ['-tzf', archive])).stdout.trim().split('\n');
  });
  after(() => rm(directory, { recursive: true, force: true }));

  it('holds what runs, its licences and its manual, and nothing else', async () => {
    const others = contents.filter((path) => !/^package\/dist\/[\w-]+\.cjs$/.test(path));
    const expected = ['LICENSE', 'README.md', 'package.json', 'dist/THIRD-PARTY-LICENSES', 'dist/ecr-cred-helper.1'];
    assert.deepEqual(new Set(others), new Set(expected.map((path) => `package/${path}`)));
    assert.ok((await stat(archive)).size < 2_000_000);
  });

  it('brings no other package, and may be published', () => {
    const { dependencies, optionalDependencies, private: kept, scripts } = Object(manifest);
    assert.deepEqual([dependencies, optionalDependencies, kept], [undefined, undefined, undefined]);
    // Nothing of the project runs on the machine of who installs it.
    assert.deepEqual(
      Object.keys(scripts).filter((name) => /install|^prepare$/.test(name)),
      [],
    );
  });

  it('runs where npm has installed it, and so do the plugin and its completion', async () => {
    const prefix = join(directory, 'prefix');
    const install = `npm install --silent --global --offline --ignore-scripts --prefix ${prefix} ${archive}`;
    const { code, stderr } = await inFolder(directory, install);
    assert.equal(code, 0, stderr);
    const bin = join(prefix, 'bin');
    assert.deepEqual(new Set(await readdir(bin)), new Set(Object.keys(manifest.bin)));
    assert.equal((await run(join(bin, 'ecr-cred-helper'), ['--version'])).stdout, `ecr-cred-helper ${version}\n`);
    const kubectl = await bundledTool('kubectl');
    const env = { PATH: [bin, process.env['PATH']].join(delimiter) };
    assert.match((await run(kubectl, ['ecr-creds', 'status', '--help'], env)).stdout, /^ {2}kubectl ecr-creds status/m);
    assert.match((await run(kubectl, ['__complete', 'ecr-creds', 'stat'], env)).stdout, /^status\tShow/m);
    assert.ok(await stat(join(prefix, 'share/man/man1/ecr-cred-helper.1')));
  });

  it('runs by npx, and says so', async () => {
    const cache = `npm_config_cache=${join(directory, 'cache')}`;
    const shown = await inFolder(directory, `${cache} npx --yes --offline --package ${archive} ecr-cred-helper --help`);
    assert.equal(shown.code, 0, shown.stderr);
    assert.match(shown.stdout, /^ {2}npx ecr-cred-helper \[command\]/m);
  });

  describe('the plugin of kubectl', () => {
    let plugin: string;
    before(async () => {
      plugin = join(directory, filesOf(version).plugin);
      await packPlugin(root, program, join(directory, 'plugin'), plugin, 1_700_000_000);
    });

    it('is one where its archive is unpacked into a folder of the PATH, with completion', async () => {
      const bin = join(directory, 'plugins');
      await mkdir(bin);
      await run('tar', ['-xzf', plugin, '-C', bin]);
      await shownBy(bin);
      const kubectl = await bundledTool('kubectl');
      const env = { PATH: [bin, process.env['PATH']].join(delimiter) };
      assert.match((await run(kubectl, ['__complete', 'ecr-creds', 'stat'], env)).stdout, /^status\tShow/m);
    });

    it('has the same bytes, whenever and by whomever it is packed', async () => {
      const again = join(directory, 'again.tar.gz');
      await run('sh', ['-c', `umask 077; cp -r ${program} ${join(directory, 'theirs')}`]);
      await packPlugin(root, join(directory, 'theirs'), join(directory, 'plugin-again'), again, 1_700_000_000);
      assert.deepEqual(await readFile(again), await readFile(plugin));
      const { stdout } = await run('tar', ['-tvzf', plugin], { TZ: 'UTC' });
      const lines = stdout.trim().split('\n');
      for (const line of lines) assert.match(line, /^-rw(?:x|-)r-(?:x|-)r-(?:x|-) 0\/0 +\d+ 2023-11-14 22:13 /);
      assert.ok(lines.length > 15);
    });

    it('is what krew installs, by a manifest that keeps its rules', async () => {
      const sha256 = createHash('sha256')
        .update(await readFile(plugin))
        .digest('hex');
      const { apiVersion, kind, metadata, spec } = parse(krewManifest(version, sha256));
      // https://github.com/kubernetes-sigs/krew/blob/master/pkg/index/validation/validate.go
      assert.deepEqual([apiVersion, kind], ['krew.googlecontainertools.github.com/v1alpha2', 'Plugin']);
      assert.match(metadata.name, /^[\w-]+$/);
      assert.match(spec.version, /^v\d+\.\d+\.\d+$/);
      assert.match(spec.shortDescription, /^[A-Z].{10,60}[^.]$/);
      assert.doesNotMatch(spec.shortDescription, /kubectl|plugin/i);
      assert.ok(spec.homepage.startsWith('https://'));
      const systems = spec.platforms.map(({ selector }: { selector: { matchLabels: object } }) => selector.matchLabels);
      assert.deepEqual(systems, [{ os: 'linux' }, { os: 'darwin' }]);
      for (const platform of spec.platforms) {
        assert.deepEqual(Object.keys(platform).toSorted(), ['bin', 'files', 'selector', 'sha256', 'uri']);
        assert.equal(platform.sha256, sha256);
        assert.ok(platform.uri.endsWith(`/v${version}/${basename(plugin)}`));
      }
      // krew takes no archive with links in it.
      assert.doesNotMatch((await run('tar', ['-tvzf', plugin])).stdout, /^[^-]/m);
      await shownBy(await installedAsKrewDoes(spec.platforms[0]));
    });

    async function shownBy(bin: string): Promise<void> {
      const env = { PATH: [bin, process.env['PATH']].join(delimiter) };
      const { code, stdout } = await run(await bundledTool('kubectl'), ['ecr-creds', '--version'], env);
      assert.deepEqual({ code, stdout }, { code: 0, stdout: `ecr-cred-helper ${version}\n` });
    }

    /** What stands under `from` goes to `to`, a link of the plugin's name leads to `bin`, and nothing else of the archive is kept. */
    async function installedAsKrewDoes({
      files,
      bin,
    }: {
      files: { from: string; to: string }[];
      bin: string;
    }): Promise<string> {
      const [unpacked, store, links] = ['unpacked', 'store', 'links'].map((name) => join(directory, 'krew', name));
      for (const path of [unpacked, store, links]) await mkdir(path ?? '', { recursive: true });
      await run('tar', ['-xzf', plugin, '-C', unpacked ?? '']);
      for (const { from, to } of files) {
        let count = 0;
        for await (const path of glob(from, { cwd: unpacked ?? '' })) {
          count += 1;
          await run('cp', ['-p', join(unpacked ?? '', path), join(store ?? '', to, basename(path))]);
        }
        assert.ok(count > 0, from);
      }
      await symlink(join(store ?? '', bin), join(links ?? '', 'kubectl-ecr_creds'));
      return links ?? '';
    }
  });

  function inFolder(folder: string, command: string) {
    return run('sh', ['-c', `cd ${folder} && ${command}`], { npm_config_update_notifier: 'false' });
  }
});

describe('the manual', () => {
  it('names every command, option and variable', () => {
    const page = manualPage(version)
      .replaceAll(/\\f[BIR]/g, '')
      .replaceAll('\\-', '-');
    for (const word of [
      '.SS doctor',
      '.SS explain <pod>',
      '--leader-election',
      'ECR_SHUTDOWN_GRACE',
      'AWS_CA_BUNDLE',
      '.SH EXIT STATUS',
    ]) {
      assert.ok(page.includes(word), word);
    }
  });

  it('is read without a warning', { skip: missing('man', 'man-db groff') }, async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'ecr-cred-helper-')), 'page.1');
    await writeFile(path, manualPage(version));
    const { code, stdout, stderr } = await run('man', ['--warnings', '-l', path], {
      MANWIDTH: '80',
      LC_ALL: 'C.UTF-8',
    });
    assert.deepEqual({ code, stderr }, { code: 0, stderr: '' });
    assert.match(stdout, /^ {3}doctor$/m);
    // What has to be copied is in one piece.
    assert.match(stdout, /^ +ecr-cred-helper explain web-0 -n shop$/m);
    await rm(join(path, '..'), { recursive: true });
  });
});
