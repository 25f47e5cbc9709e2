/** The README, typed from top to bottom as somebody does who tries it, on the cluster that the demo keeps up. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fromHere, root } from './deploy/manifests.ts';
import { missing, run } from './emulators/tools.ts';
import { startTypingStage, type TypingStage } from './support/typing.ts';

type Block = { kind: 'sh' | 'yaml' | 'text'; text: string; line: number };

const page = await readFile(join(root, 'README.md'), 'utf8');
const blocks = [...page.matchAll(/^```(sh|yaml|text)\n([^]*?)^```$/gm)].map(
  ({ 1: kind, 2: text = '', index }): Block => {
    // The expression allows no other.
    return { kind: kind as Block['kind'], text, line: page.slice(0, index).split('\n').length };
  },
);

/** What is run elsewhere, and where. */
const elsewhere: Record<string, RegExp> = {
  'npm ci && npm run demo\n': /^check .* npm ci\n[^]*^check .* npm run demo -- --once$/m,
  'npm ci && npm test\n': /^tests .* npm test$/m,
  // The archive that is published, from a folder: test/build/package.test.ts.
  'npm install --global ecr-cred-helper\n': /^check .* npm run release -- --dry-run --twice$/m,
};

describe('the README', () => {
  let stage: TypingStage;
  before(async () => {
    stage = await startTypingStage();
  });
  after(() => stage.close());

  it('says of every block of code what it is', () => {
    assert.equal(page.match(/^```/gm)?.length, 2 * blocks.length);
    assert.doesNotMatch(page, /^ {4,}(?:npm|kubectl|ecr-cred-helper) /m);
  });

  for (const [index, { kind, text, line }] of blocks.entries()) {
    if (kind === 'text') continue;
    const next = blocks[index + 1];
    const expected = next?.kind === 'text' ? next.text : '';
    it(`line ${line}: ${text.split('\n')[0]}`, async () => {
      if (kind === 'yaml') {
        await writeFile(join(stage.folder, 'kustomization.yaml'), fromHere(text, stage.folder));
        return;
      }
      const check = elsewhere[text];
      if (check !== undefined) {
        assert.match(await readFile(join(root, '.ci/run'), 'utf8'), check);
        return;
      }
      const { code, stdout, stderr } = await run('bash', ['-e', '-c', `cd ${stage.folder}\n${text}`], stage.env);
      assert.equal(code, 0, stdout + stderr);
      assert.match(inGeneral(stdout + stderr), patternOf(inGeneral(expected)));
    });
  }

  it(
    'has ended in an image that is pulled with the secret, by skopeo, too',
    { skip: missing('skopeo', 'skopeo') },
    async () => {
      const image = /--image=(\S+)/.exec(page)?.[1] ?? '';
      const take = `kubectl -n shop get secret ecr-creds -o jsonpath='{.data.\\.dockerconfigjson}' | base64 -d >login.json`;
      const pull = `skopeo --insecure-policy copy --authfile login.json docker://${image} dir:pulled`;
      const { folder, env, playground } = stage;
      const trust = { SSL_CERT_FILE: playground.variables.AWS_CA_BUNDLE };
      const { code, stderr } = await run('bash', ['-e', '-c', `cd ${folder}\n${take}\n${pull}`], { ...env, ...trust });
      assert.equal(code, 0, stderr);
    },
  );
});

/** What differs from run to run is put in general terms, and with it how wide the columns are. */
function inGeneral(text: string): string {
  return text
    .replaceAll(/\b\d+(?:s|m|h)(?:\d+m)?\b/g, '<time>')
    .replaceAll(/\d+(?= in order)/g, '<number>')
    .replaceAll(/ {2,}/g, '  ')
    .replaceAll(/ +$/gm, '');
}

/** A line of three dots stands for any lines. */
function patternOf(text: string): RegExp {
  const lines = text.split('\n').map((line) => line.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`));
  return new RegExp(`^${lines.join('\n').replaceAll(/^…\n/gm, '(?:.*\n)*?')}$`);
}
