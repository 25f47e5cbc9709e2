/** What a stolen token of the program can do: the writes that a real server was asked, put to this one. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { clusterUnderTest, label, prefix, type Cluster } from './cluster.ts';

type Request = { method?: string; path: string; headers?: Record<string, string>; body?: unknown };
type Recorded = {
  name: string;
  should: 'allow' | 'deny';
  rbacAlone: 'allow' | 'deny';
  setup?: { namespace: string; object: { metadata: { name: string } } };
  request?: Request;
};

const { writes, namespaces }: { writes: Recorded[]; namespaces: Record<string, Record<string, string>> } = JSON.parse(
  await readFile(join(import.meta.dirname, '../conformance/admission.json'), 'utf8'),
);

/** Namespaces of the cluster are left alone, and of one body only the size was recorded. */
const isOurs = ({ request, setup }: Recorded): boolean =>
  request !== undefined &&
  !/\/(kube-system|default)\b/.test(`${request.path}/${setup?.namespace ?? ''}`) &&
  typeof request.body !== 'string';

describe("the program's account", () => {
  let cluster: Cluster;
  before(async () => {
    cluster = await clusterUnderTest();
    for (const [name, labels] of Object.entries(namespaces)) {
      const value = labels['credentialType'];
      await cluster.createNamespace(name, value === undefined ? {} : { [label]: value });
    }
    await cluster.createNamespace('ecr-cred-helper', {});
  });
  after(() => cluster.close());

  for (const write of writes.filter(isOurs)) {
    const { name, should, rbacAlone, setup, request } = write;
    const { method = 'GET', path = '', headers, body } = request ?? {};
    it(`${should === 'allow' ? 'may' : 'may not'}: ${name}`, async () => {
      await reset(setup);
      const text = body === undefined ? undefined : JSON.stringify(body);
      const status = await cluster.asAccount(
        method,
        mapped(path),
        text,
        headers?.['content-type'] ?? 'application/json',
      );
      const expected = cluster.has.fence ? should : rbacAlone;
      assert.equal(status >= 200 && status < 300 ? 'allow' : 'deny', expected, `HTTP ${status}`);
    });
  }

  /** The secret that stands there before, and no other. */
  async function reset(setup: Recorded['setup']): Promise<void> {
    for (const name of [...Object.keys(namespaces), 'ecr-cred-helper']) await cluster.removeSecret(name);
    if (setup !== undefined) assert.ok((await cluster.put(setup.namespace, setup.object)) < 300);
  }
});

function mapped(path: string): string {
  return path.replace(/\/namespaces\/([\w-]+)/, `/namespaces/${prefix}-$1`);
}
