/** The dashboard asks for what there is, in queries that Prometheus takes. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { stringify } from 'yaml';
import { metricTable } from '../../src/adapters/controller/metric-table.ts';
import { missing, run, withDirectory } from '../emulators/tools.ts';
import { ofKind, withComponents } from './manifests.ts';

type Panel = {
  id: number;
  title: string;
  type: string;
  description?: string;
  gridPos: Box;
  targets?: { expr: string }[];
};
type Box = { x: number; y: number; w: number; h: number };

const settings = ofKind(await withComponents('deploy/controller', 'dashboard'), 'ConfigMap');
const config = settings.find(({ metadata }) => metadata?.name === 'ecr-cred-helper-dashboard');
const dashboard: { panels: Panel[]; templating: { list: { name: string }[] } } = JSON.parse(
  config?.data?.['ecr-cred-helper.json'] ?? '{}',
);
const { panels } = dashboard;
const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

const ofProcess = new Registry();
collectDefaultMetrics({ register: ofProcess });
const processNames = (await ofProcess.getMetricsAsJSON()).map(({ name }) => name);
/** What a scrape has of each metric, and the labels of it. */
const series = new Map<string, readonly string[]>(processNames.map((name) => [name, []]));
for (const [name, { type, labels }] of Object.entries(metricTable)) {
  const suffixes = type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
  for (const suffix of suffixes) series.set(`ecr_cred_helper_${name}${suffix}`, labels);
}

describe('the dashboard', () => {
  test('is found by the sidecar of Grafana', () => {
    assert.equal(config?.metadata?.labels?.['grafana_dashboard'], '1');
  });

  test('asks for metrics that there are', () => {
    const asked = queries.flatMap((expr) => expr.match(/\b(?:ecr_cred_helper|process|nodejs)_\w+/g) ?? []);
    assert.ok(asked.length > 20);
    assert.deepEqual(
      asked.filter((name) => !series.has(name)),
      [],
    );
  });

  test('shows every metric', () => {
    const shown = queries.join('\n');
    const left = Object.keys(metricTable).filter((name) => !shown.includes(`ecr_cred_helper_${name}`));
    assert.deepEqual(left, []);
  });

  test('asks by labels that these have', () => {
    const known = new Set([
      ...Object.values(metricTable).flatMap(({ labels }) => labels as readonly string[]),
      'job',
      'instance',
      'le',
    ]);
    for (const expr of queries) {
      const grouped = [...expr.matchAll(/\b(?:by|on) \(([^)]*)\)/g)].flatMap(([, names = '']) => names.split(', '));
      const matched = [...expr.matchAll(/(\w+)(?:=~|!=|=)"/g)].map(([, name = '']) => name);
      for (const label of [...grouped, ...matched]) assert.ok(known.has(label), `${label} in ${expr}`);
    }
  });

  test('asks what Prometheus takes', { skip: missing('promtool', 'prometheus') }, async () => {
    const rules = queries.map((expr, index) => {
      return { record: `query_${index}`, expr: expr.replaceAll('$__rate_interval', '5m').replaceAll('$job', 'a') };
    });
    await withDirectory(async (directory) => {
      const path = join(directory, 'rules.yaml');
      await writeFile(path, stringify({ groups: [{ name: 'queries', rules }] }));
      const { code, stdout, stderr } = await run('promtool', ['check', 'rules', path]);
      assert.equal(code, 0, stdout + stderr);
    });
  });

  test('has variables that it defines, and no others', () => {
    const used = new Set(
      JSON.stringify(panels)
        .match(/\$\{?(?!__)\w+/g)
        ?.map((name) => name.replace(/\W+/, '')),
    );
    assert.deepEqual(used, new Set(dashboard.templating.list.map(({ name }) => name)));
  });

  test('has panels that lie beside each other, each with an id and a word of what it means', () => {
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    for (const [index, { title, type, description, gridPos: a }] of panels.entries()) {
      if (type !== 'row') assert.ok((description ?? '') !== '', title);
      assert.ok(a.x + a.w <= 24, title);
      for (const { gridPos: b } of panels.slice(index + 1)) {
        const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
        assert.ok(apart, title);
      }
    }
  });
});
