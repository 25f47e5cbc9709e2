import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { metricsPage } from '../build/metrics-page.ts';
import { errorsPage, optionsPage } from '../src/config/reference.ts';
import { failureTable } from '../src/core/failures/failure-table.ts';
import { warningTable } from '../src/core/failures/warnings.ts';

const root = new URL('../', import.meta.url);
const tables = new Set(['src/core/failures/failure-table.ts', 'src/core/failures/warnings.ts']);

async function sources(): Promise<string> {
  const texts: string[] = [];
  for await (const path of glob('src/**/*.ts', { cwd: root.pathname })) {
    if (!tables.has(path)) texts.push(await readFile(new URL(path, root), 'utf8'));
  }
  return texts.join('\n');
}

describe('the generated pages are current (npm run docs)', () => {
  for (const [path, make] of [
    ['docs/options.md', optionsPage],
    ['docs/metrics.md', metricsPage],
    ['docs/errors.md', errorsPage],
  ] as const) {
    it(path, async () => assert.equal(await readFile(new URL(path, root), 'utf8'), make()));
  }
});

describe('docs/architecture.md', () => {
  it('names files and folders that are there', async () => {
    const page = await readFile(new URL('docs/architecture.md', root), 'utf8');
    const named = [...page.matchAll(/`([\w-]+(?:\/[\w.-]*)+|[\w-]+\.ts)`/g)].map(([, path = '']) => path);
    assert.ok(named.length > 40);
    const missing = named.filter((path) => ['', 'src/'].every((folder) => !existsSync(new URL(folder + path, root))));
    assert.deepEqual(missing, []);
  });

  it('names every folder of src', async () => {
    const page = await readFile(new URL('docs/architecture.md', root), 'utf8');
    for await (const path of glob('src/{*,core/*,adapters/*}/', { cwd: root.pathname })) {
      const folder = path.replace(/^src\/|\/$/g, '');
      assert.ok(folder === 'core' || page.includes(`\`${folder}/\``), folder);
    }
  });
});

describe('codes', () => {
  const codes = [...Object.keys(failureTable), ...Object.keys(warningTable)];

  it('are each used by the program', async () => {
    const source = await sources();
    assert.deepEqual(
      codes.filter((code) => !new RegExp(String.raw`['.]${code}\b`).test(source)),
      [],
    );
  });

  it('that the program uses are each explained in docs/errors.md, and no others are', async () => {
    const page = await readFile(new URL('docs/errors.md', root), 'utf8');
    const explained = [...page.matchAll(/^### (\w+)$/gm)].map(([, code]) => code ?? '');
    assert.deepEqual(explained.toSorted(), codes.toSorted());
    const used = [...(await sources()).matchAll(/\b(?:failure|warning)\('(\w+)'/g)].map(([, code]) => code ?? '');
    assert.ok(used.length > 10);
    assert.deepEqual(
      used.filter((code) => !explained.includes(code)),
      [],
    );
  });

  it('have each one meaning', () => assert.equal(new Set(codes).size, codes.length));
});
