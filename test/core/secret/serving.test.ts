import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Happened } from '../../../src/core/api/machine.ts';
import type { ApiReply } from '../../../src/core/api/reply.ts';
import { annotations, managedBy, pullSecret } from '../../../src/core/secret/pull-secret.ts';
import { serve, serving, type ConflictWish, type Known, type SecretRequest } from '../../../src/core/secret/serving.ts';

const host = 'a.example';
const token = { hosts: [host], password: 'p', issuedAtMs: 0, expiresAtMs: 40_000_000 };
const secret = pullSecret('ecr-creds', [token], { wallMs: 0, steadyMs: 0 });

const answer = (status: number, body: unknown = {}): ApiReply => ({ kind: 'answer', status, body });
const kind = 'PartialObjectMetadata';
const created = answer(201, { kind, metadata: { resourceVersion: '21' } });
const applied = answer(200, { kind, metadata: { resourceVersion: '22' } });
/** What would be created has no revision. */
const wouldBeCreated = answer(201, { kind, metadata: { name: 'ecr-creds' } });
const conflict = answer(409, { message: 'conflict with "somebody"' });
const gone = answer(404, { message: 'not found' });
const overloaded = answer(503, 'busy');
const wrongType = answer(422, {
  message: 'immutable',
  details: { causes: [{ field: 'type', message: 'field is immutable' }] },
});
const forbidden = answer(403, { message: 'User "x" cannot patch resource "secrets"' });
const reset: ApiReply = { kind: 'broken', cause: 'Interrupted', message: 'reset' };

/** A secret as it is read, at revision 15. */
function found(auths: Record<string, unknown>, changes: { type?: string; expiresAt?: string } = {}): ApiReply {
  const { type = 'kubernetes.io/dockerconfigjson', expiresAt } = changes;
  const data = Buffer.from(JSON.stringify({ auths })).toString('base64');
  const notes = expiresAt === undefined ? {} : { [annotations.expiresAt]: expiresAt, [annotations.registries]: host };
  const labels = expiresAt === undefined ? {} : { [managedBy.label]: managedBy.value };
  return answer(200, {
    metadata: { resourceVersion: '15', annotations: notes, labels },
    type,
    data: { '.dockerconfigjson': data },
  });
}
/** The same with this text in place of its docker config. */
function holding(text: string): ApiReply {
  const data = { '.dockerconfigjson': Buffer.from(text).toString('base64') };
  return answer(200, { metadata: { resourceVersion: '15' }, type: 'kubernetes.io/dockerconfigjson', data });
}
const ours = found({ [host]: {} });
const others = found({ [host]: {}, 'other.example': {} });
const opaque = found({}, { type: 'Opaque' });
const login = { auth: Buffer.from('AWS:other').toString('base64') };
const newer = found({ [host]: login }, { expiresAt: '1970-01-01T11:10:00Z' });
/** What its metadata say is not so. */
const emptied = found({}, { expiresAt: '1970-01-01T11:10:00Z' });

/** A host whose region gives no token now. */
const other = 'other.example';

type Row = {
  /** Hosts for which there is no token. */
  missing?: string[];
  /** What is known of the secret at the beginning. */
  known?: Known;
  onConflict?: ConflictWish;
  dryRun?: true;
  /** What each request is answered, in turn; a text lets so many milliseconds pass. */
  replies: (ApiReply | number)[];
  /** What the machine wants, in words. */
  story: string[];
};

const seen = { revision: '11' };
const none = { revision: undefined };
const retries = ['wait 125 ms', 'wait 250 ms', 'wait 500 ms', 'wait 1000 ms', 'wait 2000 ms'];

const rows: Record<string, Row> = {
  'nothing is known: one apply, without a condition': {
    replies: [created],
    story: ['apply', 'applied: SecretCreated, left at 21'],
  },
  'the secret was seen: one apply, on the condition that it is still that one': {
    known: seen,
    replies: [applied],
    story: ['apply if 11', 'applied: SecretRefreshed, left at 22, judged at 11'],
  },
  'no secret was seen: one apply, on a condition that no secret meets': {
    known: none,
    replies: [created],
    story: ['apply if 1', 'applied: SecretCreated, left at 21, judged at 1'],
  },
  'a dry run looks at what is there before, and stores nothing': {
    dryRun: true,
    replies: [ours, applied],
    story: ['read metadata', 'apply as if', 'applied: SecretRefreshed, left at 22'],
  },
  'a dry run goes on where there is nothing to look at': {
    dryRun: true,
    replies: [gone, wouldBeCreated],
    story: ['read metadata', 'apply as if', 'applied: SecretCreated'],
  },
  'somebody else owns it and nothing of theirs is lost: taken over as it was read': {
    replies: [conflict, ours, applied],
    story: ['apply', 'read', 'take over 15', 'adopted: SecretAdopted, left at 22, judged at 15'],
  },
  'it changed since it was seen: read, and taken over as it was read': {
    known: seen,
    replies: [conflict, ours, applied],
    story: ['apply if 11', 'read', 'take over 15', 'adopted: SecretAdopted, left at 22, judged at 15'],
  },
  'it holds logins of others: refused, at the revision that was read': {
    known: seen,
    replies: [conflict, others],
    story: ['apply if 11', 'read', 'refused: SecretHoldsOtherRegistries, judged at 15'],
  },
  'the same with merging: written beside them by another manager': {
    onConflict: 'merge',
    replies: [conflict, others, applied],
    story: ['apply', 'read', 'merge into 15', 'adopted: SecretMerged, left at 22, judged at 15'],
  },
  'the same with overwriting': {
    onConflict: 'overwrite',
    replies: [conflict, others, applied],
    story: ['apply', 'read', 'take over 15', 'adopted: SecretOverwritten, left at 22, judged at 15'],
  },
  'it has another type: refused, at the revision on whose condition it was applied': {
    known: seen,
    replies: [wrongType],
    story: ['apply if 11', 'refused: SecretTypeDiffers, judged at 11'],
  },
  'it is read to have another type: refused': {
    replies: [conflict, opaque],
    story: ['apply', 'read', 'refused: SecretTypeDiffers, judged at 15'],
  },
  'another instance has a newer token there: left': {
    replies: [conflict, newer],
    story: ['apply', 'read', 'unchanged: SecretIsNewer, judged at 15'],
  },
  'its metadata alone say that it is newer, and it holds no login: taken over': {
    replies: [conflict, emptied, applied],
    story: ['apply', 'read', 'take over 15', 'adopted: SecretAdopted, left at 22, judged at 15'],
  },
  'by what was seen of it, it may be newer: read before anything is written': {
    known: { ...seen, seemsNewer: true },
    replies: [newer],
    story: ['read', 'unchanged: SecretIsNewer, judged at 15'],
  },
  'it may be newer and is not: taken over': {
    known: { ...seen, seemsNewer: true },
    replies: [emptied, applied],
    story: ['read', 'take over 15', 'adopted: SecretAdopted, left at 22, judged at 15'],
  },
  'it may be newer and is gone by now: made': {
    known: { ...seen, seemsNewer: true },
    replies: [gone, created],
    story: ['read', 'apply if 1', 'applied: SecretCreated, left at 21, judged at 1'],
  },
  'it changed again while it was taken over: read again': {
    replies: [conflict, ours, conflict, ours, applied],
    story: [
      'apply',
      'read',
      'take over 15',
      'read',
      'take over 15',
      'adopted: SecretAdopted, left at 22, judged at 15',
    ],
  },
  'it keeps changing: given up after three looks': {
    replies: [conflict, ours, conflict, ours, conflict, ours, conflict],
    story: [
      'apply',
      'read',
      'take over 15',
      'read',
      'take over 15',
      'read',
      'take over 15',
      'failed: SecretContended, judged at 15',
    ],
  },
  'it is gone when it is read: made, unless somebody makes one first': {
    replies: [conflict, gone, conflict, newer],
    story: ['apply', 'read', 'apply if 1', 'read', 'unchanged: SecretIsNewer, judged at 15'],
  },
  'the server is busy for a moment: asked again, later each time, on the same condition': {
    known: seen,
    replies: [overloaded, reset, applied],
    story: [
      'apply if 11',
      'wait 125 ms',
      'apply if 11',
      'wait 250 ms',
      'apply if 11',
      'applied: SecretRefreshed, left at 22, judged at 11',
    ],
  },
  'it is busy while it is taken over: asked again for the same': {
    replies: [conflict, ours, overloaded, applied],
    story: [
      'apply',
      'read',
      'take over 15',
      'wait 125 ms',
      'take over 15',
      'adopted: SecretAdopted, left at 22, judged at 15',
    ],
  },
  'it is busy while it is read: asked again, with attempts of its own': {
    replies: [overloaded, conflict, overloaded, others],
    story: [
      'apply',
      'wait 125 ms',
      'apply',
      'read',
      'wait 125 ms',
      'read',
      'refused: SecretHoldsOtherRegistries, judged at 15',
    ],
  },
  'it asks for time: given, and the usual wait on top': {
    replies: [{ kind: 'answer', status: 429, body: '', retryAfterMs: 5000 }, applied],
    story: ['apply', 'wait 5125 ms', 'apply', 'applied: SecretRefreshed, left at 22'],
  },
  'it asks for more than a minute: asked again after that': {
    replies: [{ kind: 'answer', status: 429, body: '', retryAfterMs: 86_400_000 }, applied],
    story: ['apply', 'wait 60125 ms', 'apply', 'applied: SecretRefreshed, left at 22'],
  },
  'it is busy for good: given up after six attempts': {
    replies: Array<ApiReply>(6).fill(overloaded),
    story: [...retries.flatMap((wait) => ['apply', wait]), 'apply', 'failed: NamespaceUnserved'],
  },
  'an answer to a write got lost: the condition is not met any more, and what stands there is ours': {
    known: seen,
    replies: [reset, conflict, ours, applied],
    story: [
      'apply if 11',
      'wait 125 ms',
      'apply if 11',
      'read',
      'take over 15',
      'adopted: SecretAdopted, left at 22, judged at 15',
    ],
  },
  'the token expires while it waits: not written': {
    replies: [39_998_000, overloaded, overloaded, overloaded, overloaded],
    story: [
      'apply',
      'wait 125 ms',
      'apply',
      'wait 250 ms',
      'apply',
      'wait 500 ms',
      'apply',
      'wait 1000 ms',
      'failed: TokenExpired',
    ],
  },
  'the token expires between two requests: not written': {
    replies: [60_000_000, conflict],
    story: ['apply', 'failed: TokenExpired'],
  },
  'a success without the object in it is none: a page of something before the server': {
    replies: [answer(200, '<html>')],
    story: ['apply', 'failed: NamespaceUnserved'],
  },
  'a success without its revision is none': {
    replies: [answer(201, { kind, metadata: { name: 'ecr-creds' } })],
    story: ['apply', 'failed: NamespaceUnserved'],
  },
  'a success of a takeover without its revision is none': {
    replies: [conflict, ours, answer(200, { kind: 'Status', metadata: {} })],
    story: ['apply', 'read', 'take over 15', 'failed: NamespaceUnserved, judged at 15'],
  },
  'a success of a dry run without the object in it is none': {
    dryRun: true,
    replies: [gone, answer(200, {})],
    story: ['read metadata', 'apply as if', 'failed: NamespaceUnserved'],
  },
  'what is read has no revision: nothing is taken over without a condition': {
    replies: [conflict, answer(200, { kind: 'Secret', metadata: {}, type: 'kubernetes.io/dockerconfigjson' })],
    story: ['apply', 'read', 'failed: NamespaceUnserved'],
  },
  'what is read is no Secret: failed, not refused': {
    replies: [conflict, answer(200, { kind: 'Status', metadata: { resourceVersion: '15' } })],
    story: ['apply', 'read', 'failed: NamespaceUnserved, judged at 15'],
  },
  'it is too large to be read: refused, at the revision that was known': {
    known: seen,
    replies: [conflict, { kind: 'broken', cause: 'TooLarge', message: 'larger than 512 KiB' }],
    story: ['apply if 11', 'read', 'refused: SecretTooLarge, judged at 11'],
  },
  'it is nested so deep that nobody can tell what it holds: refused': {
    replies: [conflict, holding('['.repeat(33))],
    story: ['apply', 'read', 'refused: SecretTooLarge, judged at 15'],
  },
  'the same with merging': {
    onConflict: 'merge',
    replies: [conflict, holding('['.repeat(33))],
    story: ['apply', 'read', 'refused: SecretTooLarge, judged at 15'],
  },
  'the same with overwriting: overwritten': {
    onConflict: 'overwrite',
    replies: [conflict, holding('['.repeat(33)), applied],
    story: ['apply', 'read', 'take over 15', 'adopted: SecretOverwritten, left at 22, judged at 15'],
  },
  'it holds so many values that nobody can tell what: refused': {
    replies: [conflict, holding(`[${'1,'.repeat(10_000)}1]`)],
    story: ['apply', 'read', 'refused: SecretTooLarge, judged at 15'],
  },
  'a region gives no token: what is there of it is looked at, and kept': {
    missing: [other],
    replies: [found({ [host]: login, [other]: login }, { expiresAt: '1970-01-01T10:00:00Z' }), applied],
    story: ['read', 'take over 15', 'applied: SecretRefreshed, left at 22, judged at 15'],
  },
  'a region gives no token, and there is no secret: one is made without it': {
    missing: [other],
    replies: [gone, created],
    story: ['read', 'apply if 1', 'applied: SecretCreated, left at 21, judged at 1'],
  },
  'a region gives no token, and others log in beside ours: refused': {
    missing: [other],
    replies: [found({ [host]: login, [other]: login, 'ghcr.io': {} })],
    story: ['read', 'refused: SecretHoldsOtherRegistries, judged at 15'],
  },
  'a region gives no token, and somebody writes meanwhile: looked at again': {
    missing: [other],
    replies: [found({ [host]: login }), conflict, found({ [host]: login }), applied],
    story: ['read', 'take over 15', 'read', 'take over 15', 'adopted: SecretAdopted, left at 22, judged at 15'],
  },
  'a region gives no token, and nothing is to be written: looked at all the same': {
    missing: [other],
    dryRun: true,
    replies: [found({ [other]: login }), found({ [other]: login }), applied],
    story: ['read metadata', 'read', 'take over 15', 'adopted: SecretAdopted, left at 22, judged at 15'],
  },
  'the namespace is gone: skipped': { replies: [gone], story: ['apply', 'skipped: NamespaceGone'] },
  'it may not be written: failed, and not tried again': {
    replies: [forbidden],
    story: ['apply', 'failed: SecretForbidden'],
  },
};

/** Runs the machine and tells what it wanted. */
function told({ missing = [], known, onConflict = 'refuse', dryRun, replies }: Row): string[] {
  const story: string[] = [];
  const left = [...replies];
  let job = serving(
    { namespace: 'team', secretName: 'ecr-creds' },
    missing.length === 0 ? secret : pullSecret('ecr-creds', [token], { wallMs: 0, steadyMs: 0 }, missing),
    { onConflict, dryRun: dryRun === true },
    known,
  );
  let happened: Happened = ['go'];
  for (let nowMs = 1000; ;) {
    const step = serve(job, happened, { wallMs: nowMs, steadyMs: nowMs }, 0.5);
    job = step[2];
    if (step[0] === 'end') {
      const [kind, reason] = step[1];
      const { written, judged } = job.job;
      const left = written === undefined ? '' : `, left at ${written}`;
      return [
        ...story,
        `${kind}: ${typeof reason === 'object' ? reason.code : reason}${left}${judged === undefined || judged === '' ? '' : `, judged at ${judged}`}`,
      ];
    }
    if (step[0] === 'wait') {
      story.push(`wait ${step[1] - nowMs} ms`);
      nowMs = step[1];
      happened = ['go'];
      continue;
    }
    story.push(inWords(step[1]));
    let reply = left.shift();
    for (; typeof reply === 'number'; reply = left.shift()) nowMs += reply;
    assert.ok(reply !== undefined, `nothing answers after ${story.join(', ')}`);
    happened = ['answered', reply];
  }
}

function inWords(request: SecretRequest): string {
  if (request.kind === 'read') return 'read';
  if (request.kind === 'readMetadata') return 'read metadata';
  const { metadata } = JSON.parse(request.body) as { metadata: { resourceVersion?: string } };
  const at = metadata.resourceVersion;
  if (request.force) return `${request.fieldManager.endsWith('-merge') ? 'merge into' : 'take over'} ${at}`;
  return `apply${request.dryRun ? ' as if' : ''}${at === undefined ? '' : ` if ${at}`}`;
}

describe('serving a namespace', () => {
  for (const [title, row] of Object.entries(rows)) it(title, () => assert.deepEqual(told(row), row.story));
});

it('what goes wrong with one namespace is a failure of that namespace', () => {
  const broken = { ...secret, tokens: undefined as never };
  let job = serving({ namespace: 'team', secretName: 'ecr-creds' }, broken, { onConflict: 'merge', dryRun: false });
  for (const happened of [['go'], ['answered', conflict], ['answered', others]] satisfies Happened[]) {
    const step = serve(job, happened, { wallMs: 0, steadyMs: 0 }, 0.5);
    job = step[2];
    if (step[0] !== 'end') continue;
    const [kind, failure] = step[1];
    assert.ok(kind === 'failed' && failure.code === 'NamespaceBug');
    assert.match(failure.why, /TypeError/);
    return;
  }
  assert.fail('it did not end');
});

it('a secret is read only up to a quarter of a MiB of what others put beside ours', () => {
  const job = serving(
    { namespace: 'ns', secretName: 'ecr-creds' },
    secret,
    { onConflict: 'refuse', dryRun: false },
    {
      ...seen,
      seemsNewer: true,
    },
  );
  const [, request] = serve(job, ['go'], { wallMs: 0, steadyMs: 0 }, 0);
  assert.ok(typeof request === 'object' && 'kind' in request && request.kind === 'read');
  assert.equal(request.mostBytes, secret.body.length + 256 * 1024);
});
