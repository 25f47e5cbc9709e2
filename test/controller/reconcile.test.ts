import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createTrouble } from '../../src/controller/trouble.ts';
import { namespaceTable } from '../../src/controller/namespaces.ts';
import { reconciler } from '../../src/controller/reconcile.ts';
import { createHorizon } from '../../src/core/controller/horizon.ts';
import type { Job, JobEnd, JobRequest } from '../../src/core/controller/job.ts';
import { nextOf } from '../../src/core/controller/job.ts';
import type { NamespaceState } from '../../src/core/controller/namespace-state.ts';
import type { ApiReply } from '../../src/core/api/reply.ts';
import { annotations, pullSecret } from '../../src/core/secret/pull-secret.ts';
import { factsOf } from '../support/facts.ts';
import { sinkOf } from '../support/sink.ts';
import { ourSecret } from '../support/secrets.ts';

const minute = 60_000;
const host = 'a.example';
const token = { hosts: [host], password: 'p', issuedAtMs: 0, expiresAtMs: 720 * minute };
const answer = (status: number, body: unknown = {}): ApiReply => ({ kind: 'answer', status, body });
const writtenAt = (resourceVersion: string) => answer(200, { kind: 'Secret', metadata: { resourceVersion } });
const quota = answer(403, { message: 'exceeded quota: few' });
const busy = answer(501, 'not now');
const wrongType = answer(422, {
  message: 'immutable',
  details: { causes: [{ field: 'type', message: 'field is immutable' }] },
});
const taken = answer(201, { kind: 'Event' });

/** One namespace, `team`, that is reconciled by hand. */
function stage({ prune = false } = {}) {
  const now = { ms: 100 * minute };
  const clock = { nowMs: () => now.ms, steadyMs: () => now.ms, sleep: () => Promise.resolve() };
  const told: string[] = [];
  const log = (level: string, message: string, keys: Readonly<Record<string, unknown>> = {}) => {
    const { failure, reason, was } = keys as { failure?: { code: string }; reason?: string; was?: string };
    if (level !== 'debug') told.push(`${level}: ${message} ${failure?.code ?? was ?? reason ?? ''}`.trim());
  };
  const meter = new Proxy({}, { get: () => () => {} }) as never; // counts nothing
  const events = createTrouble({ began: 'Event could not be sent', ended: 'Events are taken again' }, clock, log);
  const table = namespaceTable();
  const held = { secret: pullSecret('ecr-creds', [token], { wallMs: 0, steadyMs: 0 }), isLeading: true };
  const later: number[] = [];
  const horizon = createHorizon();
  const reconciling = reconciler(
    { secretName: 'ecr-creds', labelName: 'l', labelValue: 'v', onConflict: 'refuse', prune, identity: 'me' },
    { clock, random: () => 1, log, meter, sink: sinkOf(), events },
    {
      table,
      keeper: { secret: () => held.secret },
      horizon,
      isLeading: () => held.isLeading,
      onNewer: () => void told.push('newer'),
      later: (_, dueMs) => void later.push(dueMs - now.ms),
    },
  );
  table.namespaces.put(factsOf('team'), false);
  const state = (): NamespaceState => table.get('team') ?? assert.fail('it is not known');

  /** Does what is to be done now; each request is answered in turn. Tells what was asked. */
  const work = (...replies: ApiReply[]): string[] => {
    const asked: string[] = [];
    let job: Job | undefined = reconciling.begin('team');
    while (job !== undefined) {
      let happened: Parameters<typeof nextOf>[1] = ['go'];
      let end: JobEnd | undefined;
      while (end === undefined) {
        const step = nextOf(job, happened, { wallMs: now.ms, steadyMs: now.ms }, 1);
        job = step[2];
        if (step[0] === 'end') end = step[1];
        else if (step[0] === 'ask') {
          asked.push(inWords(step[1]));
          happened = ['answered', replies.shift() ?? assert.fail(`no answer to ${asked.join()}`)];
        } else happened = ['go'];
      }
      job = reconciling.ended('team', end, job);
    }
    return asked;
  };
  return { now, told, later, held, table, horizon, state, work, left: reconciling.left, begin: reconciling.begin };
}

function inWords(request: JobRequest): string {
  if (request.kind !== 'event') return request.kind;
  const { type, reason } = JSON.parse(request.body) as { type: string; reason: string };
  return `${type} ${reason}`;
}

/** As the watch shows it. */
const seenAt = (resourceVersion: string) =>
  factsOf('ecr-creds', {
    namespace: 'team',
    resourceVersion,
    managedByUs: true,
    registries: [host],
    expiresAtMs: token.expiresAtMs,
  });

describe('reconciling a namespace', () => {
  it('writes its secret, and then has nothing to do', () => {
    const { work, state } = stage();
    assert.deepEqual(work(writtenAt('7')), ['apply']);
    assert.deepEqual(state().written, { resourceVersion: '7', expiresAtMs: token.expiresAtMs });
    assert.deepEqual(work(), []);
  });

  describe('that is gone, of which the watch has shown nothing', () => {
    const gone = answer(404, { message: 'namespaces "team" not found' });
    const found = (...names: string[]) =>
      answer(200, { metadata: { resourceVersion: '9' }, items: names.map((name) => ({ metadata: { name } })) });

    it('looks for it once, and then has nothing to do with it any more', () => {
      const { work, told, later, table } = stage();
      assert.deepEqual(work(gone, found()), ['apply', 'labelled']);
      assert.deepEqual([told, later], [['info: Namespace is gone, skipped NamespaceGone'], []]);
      assert.deepEqual(work(), []);
      assert.ok(table.dropped('team', Number.MAX_SAFE_INTEGER), 'it is forgotten');
    });
    it('has nothing to remove from it either', () => {
      const { work, table } = stage({ prune: true });
      table.secrets.put(seenAt('7'), false);
      assert.deepEqual(work(gone, found()), ['apply', 'labelled']);
      assert.deepEqual(work(), []);
    });
    it('tries again later where it is there all the same, or nobody can say', () => {
      for (const said of [found('team'), busy, answer(200, 'portal')]) {
        const { work, later, state } = stage();
        assert.deepEqual(work(gone, said), ['apply', 'labelled']);
        assert.deepEqual([later.length, state().labelled], [1, true]);
      }
    });
    it('serves it when the watch shows it again', () => {
      const { work, table } = stage();
      work(gone, found());
      table.namespaces.put(factsOf('team', { uid: 'another' }), false);
      assert.deepEqual(work(writtenAt('11')), ['apply']);
    });
  });

  it('writes on the condition that the secret is as it was last seen, by the watch or by our own write', () => {
    const { table, state, begin } = stage();
    const condition = () => {
      const job = begin('team');
      return job?.kind === 'serve' ? job.serving.job.condition : undefined;
    };
    assert.equal(condition(), '1', 'there is none');
    table.secrets.put(seenAt('8'), false);
    assert.equal(condition(), '8');
    state().written = { resourceVersion: '9', expiresAtMs: 1 };
    assert.equal(condition(), '9');
    table.secrets.put(seenAt('10'), false);
    assert.equal(condition(), '10');
  });

  it('says on it what is wrong once, and once that it is over', () => {
    const { work, told, state, now } = stage();
    assert.deepEqual(work(quota, taken), ['apply', 'Warning QuotaExceeded']);
    assert.deepEqual(work(quota), ['apply'], 'once');
    now.ms += minute;
    assert.deepEqual(work(writtenAt('7'), taken), ['apply', 'Normal PullSecretRecovered']);
    assert.deepEqual(told, [
      "error: The namespace's quota leaves no room for the secret QuotaExceeded",
      'info: Pull secret is valid again QuotaExceeded',
    ]);
    assert.equal(state().problem, undefined);
  });

  it('says a standing refusal that comes within ten minutes of a recovery, when they are over', () => {
    const { work, later, now, table } = stage();
    work(quota, taken);
    work(writtenAt('7'), taken);
    now.ms += minute;
    table.secrets.put(seenAt('8'), false);
    assert.deepEqual(work(wrongType), ['apply'], 'not yet');
    assert.ok(later.includes(9 * minute), `it is looked at again then: ${later.join()}`);
    now.ms += 9 * minute;
    assert.deepEqual(work(taken), ['Warning SecretTypeDiffers'], 'though nothing else is to be done for it');
    assert.deepEqual(work(), [], 'once');
  });

  it('leaves a refused secret until it changes, by the revision that was judged', () => {
    const { work, state, table } = stage();
    table.secrets.put(seenAt('8'), false);
    work(wrongType, taken);
    assert.equal(state().refusedAt, '8');
    assert.deepEqual(work(), [], 'the same would be refused again');
    table.secrets.put(seenAt('9'), false);
    assert.deepEqual(work(writtenAt('10'), taken), ['apply', 'Normal PullSecretRecovered']);
  });

  it('tries again what failed, later each time', () => {
    const { work, later } = stage();
    for (let time = 1; time <= 4; time += 1) work(busy, ...(time === 3 ? [taken] : []));
    assert.deepEqual(later, [1000, 2000, 4000, 8000]);
  });

  it('is told once more where nobody knows whether an Event was heard', () => {
    const { begin, left, work, state, now } = stage();
    const job = begin('team');
    assert.ok(job?.kind === 'serve');
    work(quota, busy);
    assert.equal(state().said?.isLost, true);
    now.ms += 10 * minute;
    assert.deepEqual(work(quota, taken), ['apply', 'Warning QuotaExceeded']);
    assert.equal(state().said?.isLost, undefined);
    left('team', { kind: 'tell', event: { job: { namespace: 'team', body: '' as never }, attempts: 0 } });
    assert.equal(state().said?.isLost, true, 'its request was given up');
  });

  it('takes an Event that is there already for one that was heard: its answer had got lost', () => {
    const { work, state } = stage();
    work(quota, answer(409, { reason: 'AlreadyExists' }));
    assert.deepEqual([state().said?.code, state().said?.isLost], ['QuotaExceeded', undefined]);
  });

  it('remembers no more of what was wrong than anybody is told of it later', () => {
    const { work, state } = stage();
    work(answer(403, { message: `exceeded quota: ${'word '.repeat(1000)}` }), taken);
    assert.ok((state().problem?.why.length ?? 0) <= 257);
  });

  it('shows by its writes how far the data of the server are', () => {
    const { work, horizon } = stage();
    work(writtenAt('7'));
    assert.equal(horizon.newest(), '7');
  });

  it('counts what others have it do, and no renewal of its own', () => {
    const { work, held, table, state } = stage();
    work(writtenAt('7'));
    assert.equal(state().touched?.times, 1);
    for (let time = 1; time <= 5; time += 1) {
      held.secret = pullSecret('ecr-creds', [{ ...token, expiresAtMs: token.expiresAtMs + time }], {
        wallMs: 0,
        steadyMs: 0,
      });
      assert.deepEqual(work(writtenAt(`${10 + time}`)), ['apply']);
    }
    assert.equal(state().touched?.times, 1);
    table.secrets.put({ ...seenAt('20'), expiresAtMs: 1 }, false);
    work(writtenAt('21'));
    assert.equal(state().touched?.times, 2);
  });

  it('counts no failure of a term that has ended: whoever leads next serves it', () => {
    const { work, held, state, told } = stage();
    held.isLeading = false;
    assert.deepEqual(work(quota), ['apply']);
    assert.deepEqual([state().failures, state().problem, told], [undefined, undefined, []]);
  });

  it('puts right what others changed, which is said; a fight is said once, and not fought at full speed', () => {
    const { work, table, told, later, state, now } = stage();
    work(writtenAt('10'));
    let revision = 10;
    const undone = (...more: ApiReply[]) => {
      table.secrets.put(seenAt(`${revision + 1}`), false);
      revision += 2;
      return work(writtenAt(`${revision}`), ...more);
    };
    for (let time = 1; time <= 4; time += 1) assert.deepEqual(undone(), ['apply']);
    assert.equal(told.filter((line) => line === 'info: Pull secret was put right SecretAltered').length, 4);
    assert.deepEqual(undone(taken), ['apply', 'Warning SecretContended']);
    assert.equal(state().problem?.code, 'SecretContended');
    table.secrets.put(seenAt(`${revision + 1}`), false);
    assert.deepEqual(work(), [], 'not at once');
    assert.ok(later.includes(30_000));
    now.ms += 30_000;
    assert.deepEqual(undone(), ['apply'], 'and nothing more is said');
    const fights = told.filter((line) => line.includes('SecretContended'));
    assert.equal(fights.length, 1, fights.join());
    now.ms += 11 * minute;
    assert.deepEqual(work(taken), ['Normal PullSecretRecovered'], 'it was calm for ten minutes');
    assert.equal(told.at(-1), 'info: Pull secret is valid again SecretContended');
  });

  it('takes a newer secret of another instance for what it is once it has looked', () => {
    const { work, table, state, told } = stage();
    const laterMs = token.expiresAtMs + minute;
    table.secrets.put({ ...seenAt('8'), expiresAtMs: laterMs }, false);
    const login = { auth: Buffer.from('AWS:other').toString('base64') };
    const found = answer(200, {
      metadata: {
        resourceVersion: '8',
        labels: { 'app.kubernetes.io/managed-by': 'ecr-cred-helper' },
        annotations: { [annotations.expiresAt]: new Date(laterMs).toISOString(), [annotations.registries]: host },
      },
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths: { [host]: login } })).toString('base64') },
    });
    assert.deepEqual(work(found), ['read']);
    assert.equal(state().newerAt, '8');
    assert.deepEqual(work(), [], 'and not again');
    assert.equal(told.filter((line) => line === 'newer').length, 1);
  });

  it('prunes where the label was lost, after a look at both, and is done', () => {
    const { work, table, told, state } = stage({ prune: true });
    work(writtenAt('7'));
    table.namespaces.gone(factsOf('team'));
    state().written = { resourceVersion: '7', expiresAtMs: 1 };
    const ours = answer(200, ourSecret());
    const done = answer(200, { kind: 'Status' });
    assert.deepEqual(work(ours, answer(200, { items: [] }), done), ['read', 'labelled', 'delete']);
    assert.equal(told.at(-1), 'info: Pull secret was removed SecretPruned');
    assert.deepEqual([state().written, state().wasLabelled], [undefined, false]);
  });

  it('tries again to prune what could not be, and says so once', () => {
    const { work, table, told, state, later } = stage({ prune: true });
    work(quota, taken);
    work(writtenAt('7'), taken);
    later.length = 0;
    state().said = { code: 'QuotaExceeded', atMs: 0 };
    table.namespaces.gone(factsOf('team'));
    state().written = { resourceVersion: '7', expiresAtMs: 1 };
    assert.deepEqual(work(busy), ['read'], 'and nothing is said on a namespace without the label');
    work(busy);
    assert.deepEqual(told.filter((line) => line.includes('could not be removed')).length, 1);
    assert.deepEqual(later, [1000, 2000]);
  });
});
