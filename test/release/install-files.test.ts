import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { installFile, overlaysIn } from '../../build/release/install-files.ts';
import { names } from '../../build/release/names.ts';
import { ownVersion } from '../../build/version.ts';
import { run, withDirectory } from '../emulators/tools.ts';
import { bundledTool } from '../support/bundled-tools.ts';

const root = join(import.meta.dirname, '../..');
const version = ownVersion();
const digest = `sha256:${'ab'.repeat(32)}`;

describe('a file for kubectl apply -f installs what kubectl apply -k does, with the image by its digest', () => {
  for (const overlay of overlaysIn(root)) {
    it(overlay, async () => {
      const kubectl = await bundledTool('kubectl');
      const built = await run(kubectl, ['kustomize', join(root, 'deploy', overlay)]);
      const text = await withDirectory((folder) => installFile(root, kubectl, overlay, version, digest, folder));
      const tagged = `${names.image}:${version}`;
      assert.deepEqual(objectsOf(text), objectsOf(built.stdout.replaceAll(tagged, `${tagged}@${digest}`)));
      const [first = ''] = text.split('\n');
      assert.equal(first.endsWith(', with its image by digest.'), built.stdout.includes(tagged), first);
    });
  }

  it('every overlay that can be installed has one', () => {
    const shown = overlaysIn(root);
    for (const one of ['cronjob', 'controller', 'controller-irsa', 'fence', 'first-pod'])
      assert.ok(shown.includes(one));
    assert.ok(!shown.some((name) => name.startsWith('base')));
  });
});

function objectsOf(text: string): unknown[] {
  return parseAllDocuments(text).map((document) => document.toJS());
}
