import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApiReply } from '../../src/core/api/reply.ts';
import { exitCodeOfSummary, type Summary } from '../../src/core/summary.ts';
import type { AwsReply } from '../../src/core/secret/token.ts';
import { pass, type PassDeps, type PassSettings } from '../../src/pass/pass.ts';

const settings: PassSettings = {
  secretName: 'ecr-creds',
  labelName: 'credentialType',
  labelValue: 'ecr',
  registries: [],
  region: 'us-east-1',
  onConflict: 'refuse',
  dryRun: false,
  concurrency: 4,
};
const answer = (status: number, body: unknown): ApiReply => ({ kind: 'answer', status, body });
const written = answer(200, { kind: 'Secret', metadata: { resourceVersion: '7' } });
const refused: AwsReply = { kind: 'error', name: 'AccessDenied', message: 'no', service: 'ecr' };
const issued: AwsReply = {
  kind: 'answer',
  authorizationToken: Buffer.from('AWS:secret').toString('base64'),
  expiresAtMs: 43_200_000,
  proxyEndpoint: 'https://123456789012.dkr.ecr.us-east-1.amazonaws.com',
};
const list = (names: readonly string[], more?: string, terminating = false) => {
  const deletion = terminating ? { deletionTimestamp: 'now' } : {};
  const items = names.map((name) => ({ metadata: { name, ...deletion } }));
  return answer(200, { items, metadata: { resourceVersion: '5', ...(more === undefined ? {} : { continue: more }) } });
};

type World = {
  /** The pages of the list, under their tokens. */
  pages?: Record<string, ApiReply>;
  token?: AwsReply;
  /** What an apply in a namespace is answered with; a request that is given up where it never is. */
  apply?: (namespace: string, stop: AbortController) => ApiReply | Promise<ApiReply>;
};

async function run(
  { pages = { first: list(['a', 'b']) }, token = issued, apply = () => written }: World,
  changes = {},
) {
  const stop = new AbortController();
  const told: string[] = [];
  const applied: string[] = [];
  const never = () => Promise.reject(new Error('not asked for here'));
  const deps: PassDeps = {
    cluster: {
      server: 'https://kube',
      listNamespaces: ({ continueToken = 'first' }) => Promise.resolve(pages[continueToken] ?? answer(500, 'no')),
      async applySecret({ namespace }, signal) {
        applied.push(namespace);
        return Promise.race([apply(namespace, stop), givenUp(signal)]);
      },
      readSecret: never,
      readSecretMetadata: () => Promise.resolve(answer(404, {})),
    },
    tokens: { issue: () => Promise.resolve(token) },
    clock: { nowMs: () => 0, steadyMs: () => 0, sleep: () => new Promise(setImmediate) },
    random: () => 0,
    log: (level, message, keys) =>
      void told.push(`${level}: ${message}${keys?.['warning'] === undefined ? '' : ' (warning)'}`),
    progress: { update: () => {}, end: () => {} },
  };
  const summary = await pass({ ...settings, ...changes }, deps, stop.signal);
  return { summary, told, applied, code: exitCodeOfSummary(summary) };
}

function givenUp(signal: AbortSignal): Promise<ApiReply> {
  const aborted: ApiReply = { kind: 'broken', cause: 'Aborted', message: 'nobody answered' };
  if (signal.aborted) return Promise.resolve(aborted);
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(aborted)));
}

const codes = ({ failures }: Summary) => failures.map(({ code }) => code);

describe('a pass', () => {
  it('warns of a token that ends before the next one, and writes it all the same', async () => {
    const hourMs = 3_600_000;
    const short = await run({ token: { ...issued, expiresAtMs: 2 * hourMs } });
    const usual = await run({ token: { ...issued, expiresAtMs: 6 * hourMs } });
    const warned = 'warn: A token lives shorter than is usual between two passes (warning)';
    assert.deepEqual(
      [short, usual].map(({ told }) => told.includes(warned)),
      [true, false],
    );
    assert.deepEqual([short.code, short.applied], [0, ['a', 'b']]);
  });
  it('serves every namespace of every page', async () => {
    const { summary, applied, code } = await run({ pages: { first: list(['a', 'b'], 'x'), x: list(['c']) } });
    assert.deepEqual([applied, summary.counts.applied, code], [['a', 'b', 'c'], 3, 0]);
  });
  it('touches nothing where AWS gives no token', async () => {
    const { summary, applied, code } = await run({ token: refused });
    assert.deepEqual([codes(summary), applied, code], [['AwsAccessDenied'], [], 3]);
  });
  it('touches nothing where the namespaces cannot be listed, and names both where AWS gives no token either', async () => {
    const forbidden = { pages: { first: answer(403, { message: 'no' }) } };
    const { summary, applied, code } = await run(forbidden);
    assert.deepEqual([codes(summary), applied, code], [['ApiListForbidden'], [], 4]);
    assert.deepEqual(codes((await run({ ...forbidden, token: refused })).summary), [
      'AwsAccessDenied',
      'ApiListForbidden',
    ]);
  });
  it('serves what it knows where a later page cannot be had, and does not call that whole', async () => {
    const { summary, code } = await run({ pages: { first: list(['a'], 'x'), x: answer(403, { message: 'no' }) } });
    assert.deepEqual([summary.counts.applied, codes(summary), code], [1, ['ListIncomplete'], 5]);
  });
  it('skips a namespace that is being deleted, without a request', async () => {
    const { summary, applied, code } = await run({ pages: { first: list(['a'], undefined, true) } });
    assert.deepEqual([applied, summary.counts.skipped, code], [[], 1, 0]);
  });
  it('warns where no namespace carries the label', async () => {
    const { told, code } = await run({ pages: { first: list([]) } });
    assert.deepEqual([told, code], [['warn: No namespace carries the label (warning)'], 0]);
  });
  it('serves the others where one is refused', async () => {
    const denied = answer(403, { message: 'User "x" cannot patch resource "secrets"' });
    const { summary, told, code } = await run({ apply: (namespace) => (namespace === 'a' ? denied : written) });
    assert.deepEqual([summary.counts.failed, summary.counts.applied, code], [1, 1, 5]);
    assert.equal(told.filter((line) => line.startsWith('error')).length, 1, 'which is said once');
  });
  it('stores nothing in a dry run, and says what is there', async () => {
    const created = answer(201, { kind: 'Secret', metadata: {} });
    const { summary, code } = await run({ apply: () => created }, { dryRun: true });
    assert.deepEqual([summary.dryRun, summary.counts.applied, code], [true, 2, 0]);
  });

  const many = {
    pages: {
      first: list(
        Array.from({ length: 30 }, (_, number) => `n${number}`),
        'x',
      ),
      x: list(['z']),
    },
  };
  it('finishes what is under way at SIGTERM, names what is not done, and does not end with 0', async () => {
    const { summary, code } = await run({
      ...many,
      async apply(_, stop) {
        stop.abort('SIGTERM');
        await new Promise(setImmediate);
        return written;
      },
    });
    assert.equal(summary.counts.applied, 1, 'the one that was under way');
    assert.deepEqual([codes(summary), code], [['Interrupted'], 5]);
    assert.match(summary.failures[0]?.why ?? '', /^stopped by SIGTERM; not done: n1, .*n20 and 10 more$/);
  });
  it('gives up what is under way at its deadline, which a signal does not', async () => {
    const { summary, code } = await run({
      ...many,
      apply(_, stop) {
        stop.abort('DeadlinePassed');
        return new Promise(() => {});
      },
    });
    assert.deepEqual([summary.counts.applied, codes(summary), code], [0, ['DeadlinePassed'], 5]);
  });
});
