import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { glob, readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { withFindings } from '../build/findings-page.ts';
import { brokenLinks } from '../build/links.ts';
import { metricsPage } from '../build/metrics-page.ts';
import { schemas, schemaText } from '../build/schemas.ts';
import { errorsPage, optionsPage } from '../src/config/reference.ts';
import { findingTable } from '../src/core/doctor/finding-table.ts';
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
    ...Object.keys(schemas).map((name) => [`docs/schemas/${name}`, () => schemaText(name)] as const),
  ] as const) {
    it(path, async () => assert.equal(await readFile(new URL(path, root), 'utf8'), make()));
  }
});

describe('docs/troubleshooting.md', () => {
  const read = () => readFile(new URL('docs/troubleshooting.md', root), 'utf8');

  it('is current (npm run docs)', async () => assert.equal(await read(), withFindings(await read())));

  it('explains everything that doctor finds and is not in order, and nothing else', async () => {
    const explained = [...(await read()).matchAll(/^- \*\*(\w+)\*\*/gm)].map(([, reason]) => reason);
    const amiss = Object.entries(findingTable).flatMap(([reason, { severity }]) => (severity === 'ok' ? [] : [reason]));
    assert.deepEqual(new Set(explained), new Set(amiss));
  });

  it('says what each of them means', async () => {
    for (const [, reason, means] of (await read()).matchAll(/^- \*\*(\w+)\*\* \(\w+\): (.*)$/gm)) {
      assert.match(means ?? '', /^[A-Z`].*\.$/, reason);
    }
  });

  it('begins with what people see, each with the command that tells why', async () => {
    const seen = [...(await read()).matchAll(/^## (.*)$/gm)].map(([, title]) => title);
    const first = ['`ImagePullBackOff`', '`no basic auth credentials`', '`403 Forbidden`', '`token expired`'];
    assert.deepEqual(seen.slice(0, 5), [...first, 'Nothing happens']);
  });
});

describe('findings of doctor', () => {
  it('are each found by the program', async () => {
    const source = (await sources()).replace(/export const findingTable[\s\S]*?as const satisfies/, '');
    assert.deepEqual(
      Object.keys(findingTable).filter((reason) => !new RegExp(`'${reason}'`).test(source)),
      [],
    );
  });
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

describe('links', () => {
  it('lead to files and headings that are there', () => assert.deepEqual(brokenLinks(), []));
});
