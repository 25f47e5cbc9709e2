/** `npm run docs` writes the generated pages of `docs/`; with `--check` it only says which of them are stale, and exits 1. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { errorsPage, optionsPage } from '../src/config/reference.ts';
import { withFindings } from './findings-page.ts';
import { metricsPage } from './metrics-page.ts';
import { schemas, schemaText } from './schemas.ts';

const usage = `Usage: npm run docs -- [--check]

Writes docs/options.md, docs/errors.md, docs/metrics.md, docs/schemas and the findings in docs/troubleshooting.md from the tables in src.

  --check  Write nothing; exit 1 where a page is stale
`;

/** Each is given what it is now; most are generated whole. */
const pages: Readonly<Record<string, (page: string) => string>> = {
  'options.md': optionsPage,
  'errors.md': errorsPage,
  'metrics.md': metricsPage,
  'troubleshooting.md': withFindings,
  ...Object.fromEntries(Object.keys(schemas).map((name) => [`schemas/${name}`, () => schemaText(name)])),
};
const docs = new URL('../docs/', import.meta.url);

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { check: { type: 'boolean' }, help: { type: 'boolean' } } });
  if (values.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  const stale: string[] = [];
  for (const [name, make] of Object.entries(pages)) {
    const page = await textOf(name);
    if (page !== make(page ?? '')) stale.push(name);
  }
  if (values.check === true) {
    for (const name of stale) process.stderr.write(`docs/${name} is stale: run npm run docs\n`);
    return stale.length === 0 ? 0 : 1;
  }
  await mkdir(new URL('schemas/', docs), { recursive: true });
  for (const name of stale) await writeFile(new URL(name, docs), pages[name]?.((await textOf(name)) ?? '') ?? '');
  process.stdout.write(stale.length === 0 ? 'Nothing to do\n' : `Written: ${stale.join(', ')}\n`);
  return 0;
}

async function textOf(name: string): Promise<string | undefined> {
  try {
    return await readFile(new URL(name, docs), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

process.exitCode = await main();
