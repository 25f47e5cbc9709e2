/** `npm run docs` writes what is generated from the tables; with `--check` it only says what of it is stale, and exits 1. */
import { readFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { errorsPage, optionsPage } from '../src/config/reference.ts';
import { settingNames, valuesSchema, valuesYaml, withChanges, withValues } from './chart/pages.ts';
import { withFindings } from './findings-page.ts';
import { brokenLinks } from './links.ts';
import { metricsPage } from './metrics-page.ts';
import { schemas, schemaText } from './schemas.ts';
import { ownVersion, versionedFiles, withVersion } from './version.ts';

const usage = `Usage: npm run docs -- [--check]

Writes what is generated from the tables in src and build/chart: docs/options.md, docs/errors.md, docs/metrics.md, docs/schemas, the
findings in docs/troubleshooting.md, the values of the chart in deploy/chart and docs/chart.md, its changes, and what the chart has from deploy/;
and brings the version in package.json to wherever it stands.

  --check  Write nothing; exit 1 where something is stale, or a link leads nowhere
`;

const root = new URL('../', import.meta.url);
const version = ownVersion();
const textNow = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const copyOf = (path: string) => (): string => withVersion(textNow(path), version);

/** By its path; each is given what it is now, most are generated whole. */
const generated: Readonly<Record<string, (page: string) => string>> = {
  'docs/options.md': optionsPage,
  'docs/errors.md': errorsPage,
  'docs/metrics.md': metricsPage,
  'docs/troubleshooting.md': withFindings,
  ...Object.fromEntries(Object.keys(schemas).map((name) => [`docs/schemas/${name}`, () => schemaText(name)])),
  'docs/chart.md': withValues,
  'deploy/chart/Chart.yaml': (page) => withChanges(page, textNow('CHANGELOG.md'), version),
  'deploy/chart/values.yaml': valuesYaml,
  'deploy/chart/values.schema.json': valuesSchema,
  'deploy/chart/files/settings.json': settingNames,
  // A chart has no file from outside of itself, nor has a kustomization.
  'deploy/chart/files/alerts-controller.yaml': copyOf('deploy/components/alerts/prometheus-rule.yaml'),
  'deploy/chart/files/alerts-cronjob.yaml': copyOf('deploy/components/alerts-cronjob/prometheus-rule.yaml'),
  'deploy/chart/files/dashboard.json': copyOf('deploy/components/dashboard/ecr-cred-helper.json'),
  'deploy/chart/files/fence.yaml': copyOf('deploy/fence/policy.yaml'),
  'deploy/chart/files/first-pod.yaml': copyOf('deploy/first-pod/policy.yaml'),
};
const pages = new Map(Object.entries(generated));
for (const path of versionedFiles) {
  const make = pages.get(path) ?? ((page: string) => page);
  pages.set(path, (page) => withVersion(make(page), version));
}

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { check: { type: 'boolean' }, help: { type: 'boolean' } } });
  if (values.help === true) {
    process.stdout.write(usage);
    return 0;
  }
  const stale: string[] = [];
  for (const [name, make] of pages) {
    const page = await textOf(name);
    if (page !== make(page ?? '')) stale.push(name);
  }
  if (values.check === true) {
    for (const name of stale) process.stderr.write(`${name} is stale: run npm run docs\n`);
    const broken = brokenLinks();
    for (const link of broken) process.stderr.write(`${link} leads nowhere\n`);
    return stale.length + broken.length === 0 ? 0 : 1;
  }
  for (const name of stale) {
    await mkdir(new URL('./', new URL(name, root)), { recursive: true });
    await writeFile(new URL(name, root), pages.get(name)?.((await textOf(name)) ?? '') ?? '');
  }
  process.stdout.write(stale.length === 0 ? 'Nothing to do\n' : `Written: ${stale.join(', ')}\n`);
  return 0;
}

async function textOf(name: string): Promise<string | undefined> {
  try {
    return await readFile(new URL(name, root), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

process.exitCode = await main();
