import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApiReply } from '../../src/core/api/reply.ts';
import type { RunsAs } from '../../src/core/doctor/permissions.ts';
import type { Asked } from '../../src/doctor/deps.ts';
import { checkPermissions, findAsked } from '../../src/doctor/permissions.ts';

const answer = (status: number, body: unknown): ApiReply => ({ kind: 'answer', status, body });
const account = 'system:serviceaccount:n:a';
const deps = { clock: { nowMs: () => 0, steadyMs: () => 0, sleep: () => Promise.resolve() }, random: () => 0 };
const leases = { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get'], resourceNames: ['x'] };

/** What is asked for on behalf of whoever runs the program, with a role of these rules. */
async function asked(
  runsAs: RunsAs | undefined,
  rules: object[] = [],
  self?: ApiReply,
): Promise<{ what: string[]; reasons: string[] }> {
  const what: string[] = [];
  const review = (path: string, body: string): Promise<ApiReply> => {
    const kind = path.slice(path.lastIndexOf('/') + 1);
    if (kind === 'selfsubjectreviews')
      return Promise.resolve(self ?? answer(201, { status: { userInfo: { username: account } } }));
    if (kind === 'selfsubjectrulesreviews') return Promise.resolve(answer(201, { status: { resourceRules: rules } }));
    const { spec } = JSON.parse(body) as { spec: { resourceAttributes: { verb: string; resource: string } } };
    what.push(`${spec.resourceAttributes.verb} ${spec.resourceAttributes.resource}`);
    return Promise.resolve(answer(201, { status: { allowed: true } }));
  };
  const cluster = {
    server: 'https://kube',
    review,
    read: () => Promise.resolve(answer(200, {})),
  } as Partial<Asked> as Asked;
  const lease = { namespace: 'n', name: 'ecr-cred-helper', isUsed: true };
  const use = runsAs === undefined ? {} : { use: { runsAs, secretName: 's', lease } };
  const runBy = { account, namespace: 'n', beside: [], ...use };
  const stop = new AbortController().signal;
  const doctor = { own: cluster, isPod: false, as: () => cluster };
  const who = await findAsked(doctor, account, runBy, deps, stop);
  const more = who.canAsk ? await checkPermissions(cluster, who, 's', runBy, deps, stop) : [];
  const findings = [...who.findings, ...more];
  return { what, reasons: findings.map(({ reason }) => reason) };
}

describe('what doctor asks of the permissions', () => {
  it('is what a CronJob needs, where one runs the program', async () => {
    assert.deepEqual((await asked('job', [leases])).what, [
      'list namespaces',
      'create secrets',
      'patch secrets',
      'get secrets',
    ]);
  });
  it('is what a controller needs, where one runs it, and where nobody knows but the role mentions leases', async () => {
    const { what } = await asked('controller');
    assert.ok(what.includes('update leases'));
    assert.deepEqual((await asked(undefined, [leases])).what, what);
    assert.ok(!(await asked(undefined)).what.includes('update leases'));
  });
  it('is nothing where we may not speak for the account', async () => {
    const forbidden = answer(403, { message: 'User "x" cannot impersonate resource "serviceaccounts"' });
    assert.deepEqual(await asked('job', [], forbidden), { what: [], reasons: ['ImpersonationForbidden'] });
  });
});
