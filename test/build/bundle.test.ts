import assert from 'node:assert/strict';
import { copyFile, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { bake } from '../../build/bake.ts';
import { bundle, packageDirectories } from '../../build/bundle.ts';
import { licencesOf } from '../../build/licences.ts';
import { run, withDirectory } from '../emulators/tools.ts';

const root = join(import.meta.dirname, '../..');
const version = '9.8.7-test';

test('the bundle runs with its code cache, without one, and with one that V8 refuses', async () => {
  await withDirectory(async (folder) => {
    const dist = join(folder, 'dist');
    await bundle('src/main.ts', dist, version);
    const program = join(dist, 'ecr-cred-helper.cjs');
    await copyFile(join(root, 'build/loader.cjs'), program);
    const shown = async () => run(process.execPath, [program, '--version']);
    const expected = { code: 0, stdout: `ecr-cred-helper ${version}\n`, stderr: '' };

    assert.deepEqual(await shown(), expected);
    assert.ok((await bake(dist)) > 100_000);
    assert.deepEqual(await shown(), expected);
    await writeFile(join(dist, 'main.cache'), 'made by another V8');
    assert.deepEqual(await shown(), expected);
  });
});

test('what a dynamic import reaches is a file of its own, which a start does not load', async () => {
  await withDirectory(async (folder) => {
    const bundles = await bundle('src/main.ts', folder, version);
    const files = bundles.map(({ file }) => file);
    assert.deepEqual((await readdir(folder)).sort(), files.toSorted());
    assert.ok(files.includes('kubeconfig.cjs'), files.join(' '));
    const connecting = await readFile(join(folder, 'job-adapters.cjs'), 'utf8');
    assert.match(connecting, /require\("\.\/kubeconfig\.cjs"\)/);
    const main = await readFile(join(folder, 'main.cjs'), 'utf8');
    assert.doesNotMatch(main, /node_modules|node:https/);
  });
});

test('the licence of every bundled package is shipped', async () => {
  await withDirectory(async (folder) => {
    const directories = packageDirectories(await bundle('src/main.ts', folder, version));
    const text = await licencesOf(root, directories);
    for (const name of ['@aws-sdk/client-ecr', '@smithy/core', '@kubernetes/client-node']) {
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
