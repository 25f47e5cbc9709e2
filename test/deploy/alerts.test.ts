import assert from 'node:assert/strict';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { stringify, parse } from 'yaml';
import { metricTable } from '../../src/adapters/controller/metric-table.ts';
import { failureTable } from '../../src/core/failures/failure-table.ts';
import { missing, run, withDirectory, type Finished } from '../emulators/tools.ts';
import { root } from './manifests.ts';

type Rule = { alert: string; expr: string; annotations: Record<string, string> };
type Rules = { groups: { name: string; rules: Rule[] }[] };

const groups = await Promise.all(['alerts', 'alerts-cronjob'].map(groupsOf));
const spec: Rules = { groups: groups.flat() };
const rules = spec.groups.flatMap((group) => group.rules);
const names = rules.map(({ alert }) => alert);
const page = await readFile(join(root, 'docs/operations.md'), 'utf8');
const tests = await readFile(join(root, 'test/deploy/alerts.yaml'), 'utf8');
const skip = missing('promtool', 'prometheus');

describe('the alerts', () => {
  test('are rules that Prometheus takes', { skip }, async () => {
    const { code, stdout, stderr } = await promtool('check', 'rules', 'rules.yaml');
    assert.equal(code, 0, stderr);
    assert.match(stdout, new RegExp(`SUCCESS: ${rules.length} rules found`));
  });

  test('fire when they should, and when all is well do not', { skip }, async () => {
    const { code, stdout, stderr } = await promtool('test', 'rules', 'alerts.yaml');
    assert.equal(code, 0, stdout + stderr);
  });

  for (const { alert, expr, annotations } of rules) {
    test(`${alert} has a test in which it fires, and one in which it does not`, () => {
      const cases = tests.split('alertname: ').filter((text) => text.startsWith(alert));
      assert.ok(cases.some((text) => /^\w+\n.*\n +exp_alerts:/.test(text)));
      assert.ok(cases.some((text) => /^\w+, eval_time: \w+\}/.test(text)));
    });

    test(`${alert} rests on metrics that there are, and points to what to do`, () => {
      const used = [...expr.matchAll(/\b(?:ecr_cred_helper|kube)_\w+/g)].map(([name]) => name);
      assert.ok(used.length > 0);
      assert.deepEqual(
        used.filter((name) => !isMetric(name)),
        [],
      );
      assert.equal(annotations['runbook_url']?.split('/docs/')[1], `operations.md#${alert.toLowerCase()}`);
    });
  }
});

test('what docs/metrics.md says to do names alerts that there are', () => {
  const named = Object.values(metricTable).flatMap(({ act }) => act.match(/\bEcr\w+\b/g) ?? []);
  assert.ok(named.length > 10);
  assert.deepEqual(
    named.filter((alert) => !names.includes(alert)),
    [],
  );
});

describe('docs/operations.md', () => {
  test('says what to do at each alert, and at no other', () => {
    const explained = [...page.matchAll(/^### (\w+)$/gm)].map(([, name]) => name);
    assert.deepEqual(explained, names);
  });

  test('names only codes and options that there are', async () => {
    const codes = [...page.matchAll(/`(Aws\w+)`/g)].map(([, code = '']) => code);
    assert.ok(codes.length > 3);
    assert.deepEqual(
      codes.filter((code) => !(code in failureTable)),
      [],
    );
    const options = await readFile(join(root, 'docs/options.md'), 'utf8');
    const named = [...page.matchAll(/`(ECR_\w+)/g)].map(([, option = '']) => option);
    assert.deepEqual(
      named.filter((option) => !options.includes(option)),
      [],
    );
  });

  test('quotes the log as it is', async () => {
    const source = await Promise.all(
      ['tokens', 'controller'].map((name) => readFile(join(root, `src/controller/${name}.ts`), 'utf8')),
    );
    const quoted = [
      'ECR gave no tokens, trying again',
      'Lease could not be written, trying again',
      'Watch could not be opened, trying again',
      'Event could not be sent',
    ];
    for (const message of quoted) {
      assert.ok(page.replaceAll('\n', ' ').includes(`\`${message}`), message);
      assert.ok(source.join('').includes(`'${message}'`), message);
    }
  });
});

/** The metrics of kube-state-metrics that are used: stable ones, by its documentation of CronJobs. */
const ofOthers = new Set([
  'kube_cronjob_created',
  'kube_cronjob_spec_suspend',
  'kube_cronjob_status_last_successful_time',
]);

function isMetric(name: string): boolean {
  return ofOthers.has(name) || name.replace('ecr_cred_helper_', '') in metricTable;
}

async function groupsOf(component: string): Promise<Rules['groups']> {
  const path = join(root, 'deploy/components', component, 'prometheus-rule.yaml');
  const { spec }: { spec: Rules } = parse(await readFile(path, 'utf8'));
  return spec.groups;
}

/** Runs promtool where the rules and their tests are. */
function promtool(...args: string[]): Promise<Finished> {
  return withDirectory(async (directory) => {
    await writeFile(join(directory, 'rules.yaml'), stringify(spec));
    await copyFile(join(root, 'test/deploy/alerts.yaml'), join(directory, 'alerts.yaml'));
    return run('promtool', [...args.slice(0, -1), join(directory, args.at(-1) ?? '')]);
  });
}
