import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { untried } from '../../../src/core/api/attempts.ts';
import type { ApiReply } from '../../../src/core/api/reply.ts';
import { nextOf, type Job } from '../../../src/core/controller/job.ts';
import { pullSecret } from '../../../src/core/secret/pull-secret.ts';
import { serving } from '../../../src/core/secret/serving.ts';

const now = { wallMs: 0, steadyMs: 1000 };
const place = { namespace: 'shop', secretName: 'ecr-creds' };
const token = { hosts: ['a.example'], password: 'p', issuedAtMs: 0, expiresAtMs: 40_000_000 };
const secret = pullSecret('ecr-creds', [token], { wallMs: 0, steadyMs: 0 });
const busy: ApiReply = { kind: 'answer', status: 503, body: '' };
const written: ApiReply = { kind: 'answer', status: 200, body: { kind: 'Secret', metadata: { resourceVersion: '7' } } };

const jobs: Record<string, Job> = {
  serve: {
    kind: 'serve',
    serving: serving(place, secret, { onConflict: 'refuse', dryRun: false }),
    reason: 'SecretMissing',
    before: '5',
    seen: '6',
    beganMs: 1000,
  },
  prune: { kind: 'prune', pruning: { place } },
  tell: { kind: 'tell', event: untried({ namespace: 'shop', body: '{}' as never }) },
};
const of = (kind: string): Job => jobs[kind] ?? assert.fail(kind);

describe('what the controller does for a namespace', () => {
  const first = { serve: 'apply', prune: 'read', tell: 'event' };
  for (const [kind, request] of Object.entries(first)) {
    it(`begins with a request of its own: ${kind}`, () => {
      const [step, asked] = nextOf(of(kind), ['go'], now, 0.5);
      assert.ok(step === 'ask' && typeof asked === 'object' && 'kind' in asked);
      assert.equal(asked.kind, request);
    });
  }
  it('keeps what was known when it began, however far it has come', () => {
    const [, , job] = nextOf(of('serve'), ['go'], now, 0.5);
    assert.ok(job.kind === 'serve');
    assert.deepEqual([job.before, job.seen, job.beganMs, job.reason], ['5', '6', 1000, 'SecretMissing']);
  });
  it('waits where it may go better later, but for a prune, which the controller takes up again', () => {
    const steps = Object.keys(first).map((kind) => nextOf(of(kind), ['answered', busy], now, 0.5).slice(0, 2));
    const [served, pruned, told] = steps;
    assert.deepEqual(
      [served, told],
      [
        ['wait', 1125],
        ['wait', 1125],
      ],
    );
    assert.equal(pruned?.[0], 'end');
  });
  it('ends as what it was', () => {
    const served = nextOf(of('serve'), ['answered', written], now, 0.5);
    assert.deepEqual(served.slice(0, 2), ['end', ['served', ['applied', 'SecretRefreshed']]]);
    const told = nextOf(of('tell'), ['answered', written], now, 0.5);
    assert.deepEqual(told.slice(0, 2), ['end', ['told', written]]);
  });
  it('is a failure of its namespace where it throws, which is tried again', () => {
    const poison = {
      kind: 'answer',
      status: 200,
      get body(): never {
        throw new Error('a bug');
      },
    } as ApiReply;
    const [, end] = nextOf(of('prune'), ['answered', poison], now, 0.5);
    assert.ok(Array.isArray(end) && end[0] === 'pruned');
    const [outcome, failure] = end[1];
    assert.ok(outcome === 'Retry');
    assert.deepEqual([outcome, failure.code, failure.why], ['Retry', 'NamespaceBug', 'Error: a bug']);
  });
});
