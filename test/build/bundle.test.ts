import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, test } from 'node:test';
import manifest from '../../package.json' with { type: 'json' };
import { bake, BEYOND_PATIENCE_MS } from '../../build/bake.ts';
import { bundle, packageDirectories } from '../../build/bundle.ts';
import { installLoader } from '../../build/install-loader.ts';
import { licencesOf } from '../../build/licences.ts';
import { run, withDirectory } from '../emulators/tools.ts';
import { oldNodes } from '../support/old-nodes.ts';

const root = join(import.meta.dirname, '../..');
const version = '9.8.7-test';
const { engines, scripts } = manifest;
const kubeconfig = JSON.stringify({
  'current-context': 'none',
  contexts: [{ name: 'none', context: { cluster: 'none', user: 'none' } }],
  clusters: [{ name: 'none', cluster: { server: 'http://127.0.0.1:1' } }],
  users: [{ name: 'none', user: {} }],
});

describe('the built program', () => {
  let folder: string;
  let program: string;
  const shown = async (...flags: string[]) => run(process.execPath, [...flags, program, '--version']);
  const expected = { code: 0, stdout: `ecr-cred-helper ${version}\n`, stderr: '' };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ecr-cred-helper-dist-'));
    program = join(folder, 'ecr-cred-helper.cjs');
    await bundle('src/main.ts', folder, version);
    await installLoader(folder);
    // Of a server that is not there.
    await writeFile(join(folder, 'kubeconfig'), kubeconfig);
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('runs without a code cache, and with one', async () => {
    assert.deepEqual(await shown(), expected);
    assert.ok((await bake(folder)) > 100_000);
    assert.deepEqual(await shown(), expected);
    assert.equal(await rejected(program), false);
  });

  it('has the same bytes wherever it is built, its caches too', async () => {
    await withDirectory(async (parent) => {
      const builds: Map<string, string>[] = [];
      for (const again of [join(parent, 'dist'), join(parent, 'elsewhere', 'dist')]) {
        await bundle('src/main.ts', again, version);
        await installLoader(again);
        await bake(again, [process.execPath], BEYOND_PATIENCE_MS);
        const files = (await readdir(again)).toSorted();
        const bytes = files.map(async (file) => [file, await readFile(join(again, file), 'base64')] as const);
        builds.push(new Map(await Promise.all(bytes)));
      }
      const [first = new Map<string, string>(), second = new Map<string, string>()] = builds;
      assert.ok([...first.keys()].filter((file) => file.endsWith('.cache')).length > 10);
      assert.deepEqual([...first.keys()], [...second.keys()]);
      assert.deepEqual(
        [...first].filter(([file, bytes]) => second.get(file) !== bytes).map(([file]) => file),
        [],
      );
    });
  });

  it('runs with a cache that V8 refuses, since it was made under other flags', async () => {
    assert.deepEqual(await shown('--jitless'), expected);
  });

  it('never shows V8 a cache that is damaged: any byte of it, or its end', async () => {
    const path = join(folder, 'main.cache');
    const good = await readFile(path);
    for (const position of [0, 12, 40, good.length >> 1, good.length - 1]) {
      const damaged = Buffer.from(good);
      damaged[position] = (damaged[position] ?? 0) ^ 0xff;
      await writeFile(path, damaged);
      assert.deepEqual(await shown(), expected);
      assert.equal(await rejected(program), undefined);
    }
    await writeFile(path, good.subarray(0, good.length - 100));
    assert.deepEqual(await shown(), expected);
    await rm(path);
    assert.deepEqual(await shown(), expected);
    await writeFile(path, good);
    assert.equal(await rejected(program), false);
  });

  describe('loads for a command what that needs, and nothing of another', () => {
    const inventory = ['kubeconfig', 'open-inventory'];
    const loaded: Record<string, string[]> = {
      '--version': [],
      '--help': ['help'],
      'help doctor': ['help'],
      'completion bash': ['completion'],
      'complete -- status --': ['complete', 'open-complete'],
      'complete -- status --context x': ['complete', 'kubeconfig', 'open-complete'],
      'complete -- status --context=': ['complete', 'kubeconfig', 'open-complete'],
      status: ['status', ...inventory],
      'prune --dry-run': ['prune', ...inventory],
      refresh: ['ecr-by-chain', 'kubeconfig', 'open-refresh'],
      explain: [],
      'explain web-0': ['explain', 'kubeconfig', 'open-explain'],
      doctor: ['doctor', 'ecr-by-chain', 'identity', 'kubeconfig', 'open-doctor'],
    };
    for (const [line, files] of Object.entries(loaded)) {
      it(line, async () => {
        const script = `const fs = require('node:fs');
          const read = fs.readFileSync;
          const names = [];
          fs.readFileSync = (path, ...more) => {
            if (/(?<!ecr-cred-helper)[.]cjs$/.test(path)) names.push(require('node:path').basename(path));
            return read(path, ...more);
          };
          process.argv.splice(1, 0, ${JSON.stringify(program)});
          require(${JSON.stringify(program)});
          process.on('exit', () => process.stderr.write('\\nloaded ' + names.join(' ')));`;
        const env = {
          KUBECONFIG: join(folder, 'kubeconfig'),
          AWS_REGION: 'us-east-1',
          AWS_EC2_METADATA_DISABLED: 'true',
        };
        const { stderr } = await run(process.execPath, ['-e', script, '--', ...line.split(' ')], {
          ...env,
          HOME: folder,
        });
        const names = stderr
          .slice(stderr.lastIndexOf('loaded ') + 7)
          .trim()
          .split(' ');
        assert.deepEqual(new Set(names), new Set(['main', ...files].map((name) => `${name}.cjs`)));
      });
    }
  });

  it('says in one line which Node it needs where this one is too old, before it reads anything', async () => {
    const [needed = ''] = /\d+\.\d+/.exec(engines.node) ?? [];
    const line = (script: string) => `${script} needs Node.js ${needed}`;
    for (const old of await oldNodes()) {
      const own = (await run(old, ['--version'])).stdout.trim().slice(1);
      const { code, stdout, stderr } = await run(old, [program, '--version']);
      assert.deepEqual([code, stdout], [2, '']);
      assert.equal(
        stderr,
        `${line('ecr-cred-helper')} or newer, and ${old} is ${own}: install a newer one from https://nodejs.org\n`,
      );
      const script = await run(old, ['-r', './build/needs-node.cjs', 'test/run.ts'], { npm_lifecycle_event: 'test' });
      assert.equal(script.code, 2);
      assert.ok(script.stderr.startsWith(`${line('npm run test')}.0 or newer, and ${old} is ${own}: `), script.stderr);
      assert.equal(script.stderr.trim().split('\n').length, 1);
    }
  });
});

test('every npm script looks at its Node first', () => {
  for (const [name, command] of Object.entries(scripts)) {
    assert.match(command, /^node (?:-r \.\/build\/needs-node\.cjs \S+\.ts$|build\/needs-node\.cjs && \w)/, name);
  }
});

/** Whether V8 refused the cache of `main.cjs`; undefined where it was shown none. */
async function rejected(program: string): Promise<boolean | undefined> {
  const spy = `const vm = require('node:vm'); vm.Script = class extends vm.Script { constructor(source, options) {
    super(source, options); if (options.filename.endsWith('main.cjs')) process.stderr.write(String(this.cachedDataRejected)); } };
    process.argv.splice(1, 0, ${JSON.stringify(program)}); require(${JSON.stringify(program)});`;
  const { stderr } = await run(process.execPath, ['-e', spy, '--', '--version']);
  return stderr === 'undefined' ? undefined : stderr === 'true';
}

test('what a dynamic import reaches is a file of its own, which a start does not load', async () => {
  await withDirectory(async (folder) => {
    const bundles = await bundle('src/main.ts', folder, version);
    const files = bundles.map(({ file }) => file);
    assert.deepEqual((await readdir(folder)).sort(), files.toSorted());
    assert.ok(files.includes('kubeconfig.cjs'), files.join(' '));
    const connecting = await readFile(join(folder, 'open-refresh.cjs'), 'utf8');
    assert.match(connecting, /require\("\.\/kubeconfig\.cjs"\)/);
    const main = await readFile(join(folder, 'main.cjs'), 'utf8');
    assert.doesNotMatch(main, /node_modules|node:https/);
  });
});

test('the licence of every bundled package is shipped', async () => {
  await withDirectory(async (folder) => {
    const directories = packageDirectories(await bundle('src/main.ts', folder, version));
    const text = await licencesOf(root, directories);
    for (const name of ['@aws-sdk/client-ecr', '@smithy/core', 'openid-client']) {
      assert.match(text, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(`, 'm'));
    }
    assert.ok(text.split('Apache License').length > 2);
  });
});

test('nothing of the emulators ships', async () => {
  await withDirectory(async (folder) => {
    const bundles = await bundle('src/main.ts', folder, version);
    const inputs = bundles.flatMap(({ metafile }) => Object.keys(metafile.inputs));
    assert.deepEqual(
      inputs.filter((path) => /^(?:emulators|test|bench|demo)\//.test(path)),
      [],
    );
  });
});
