import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ApiReply } from '../../../src/core/api/reply.ts';
import type { InventoryEntry } from '../../../src/core/inventory/inventory.ts';
import { exitCodeOfPrune, isCandidate, type PruneOutcome } from '../../../src/core/inventory/prune.ts';
import { pruneOne, pruning, unfinished, type PruneWish } from '../../../src/core/inventory/pruning.ts';
import { namingAccount, removalPatch } from '../../../src/core/inventory/service-account.ts';
import { failure } from '../../../src/core/failures/errors.ts';
import { ourSecret, secretFactsOf } from '../../support/secrets.ts';

const place = { namespace: 'shop', secretName: 'ecr-creds' };
const answer = (status: number, body: unknown = {}): ApiReply => ({ kind: 'answer', status, body });
const forbidden = (verb: string, resource: string) =>
  answer(403, { message: `User "x" cannot ${verb} resource "${resource}"` });
const manager = (name: string, fields: object = { 'f:data': {} }) => ({ manager: name, fieldsV1: fields });
const secret = (...managedFields: object[]) => answer(200, ourSecret({ managedFields }));
const ours = answer(200, ourSecret());
const unlabelled = answer(200, { items: [] });
const labelled = answer(200, { items: [{ metadata: { name: 'shop' } }] });
const done = answer(200, { kind: 'Status' });
const conflict = answer(409, { message: 'it changed' });
const busy = answer(503, 'busy');
const account = (name: string, ...secrets: string[]) => ({
  metadata: { name },
  imagePullSecrets: secrets.map((each) => ({ name: each })),
});
const accounts = (...items: object[]) => answer(200, { items });
const none = accounts(account('default', 'other'));
const one = accounts(account('default', 'other', 'ecr-creds'));

function inWords([kind, detail]: PruneOutcome): string {
  if (kind === 'failed') return `failed: ${detail.code}`;
  return kind === 'gone' ? kind : `${kind}: ${detail.toString()}`;
}

/** What is asked and what it comes to, one reply after the other; waits are passed over. */
function story(replies: readonly ApiReply[], changes: Partial<PruneWish> = {}): string[] {
  const told: string[] = [];
  const waiting = [...replies];
  let job = pruning(place, { labelSelector: 'l=v', all: false, dryRun: false, ...changes });
  let happened: Parameters<typeof pruneOne>[1] = ['go'];
  for (;;) {
    const step = pruneOne(job, happened, { wallMs: 0, steadyMs: 0 }, 0);
    if (step[0] === 'end') return [...told, inWords(step[1])];
    job = step[2];
    happened = ['go'];
    if (step[0] === 'wait') continue;
    const request = step[1];
    const isTrial = 'dryRun' in request && request.dryRun;
    told.push(`${request.kind}${request.kind === 'patch' ? ` ${request.account.name}` : ''}${isTrial ? ' as if' : ''}`);
    const reply = waiting.shift();
    if (reply === undefined) return told;
    happened = ['answered', reply];
  }
}

const before = ['read', 'labelled', 'accounts'];

describe('removing the pull secret of one namespace', () => {
  const rows: Record<string, [replies: ApiReply[], story: string[], wish?: Partial<PruneWish>]> = {
    'looks for the label once more, then for who names the secret, and removes it': [
      [ours, unlabelled, none, done],
      [...before, 'remove', 'removed: '],
    ],
    'rehearses the change of each account, and makes it when the secret is gone': [
      [ours, unlabelled, one, done, done, done],
      [...before, 'patch default as if', 'remove', 'patch default', 'removed: default'],
    ],
    'does not look for the label where all are to go': [
      [ours, none, done],
      ['read', 'accounts', 'remove', 'removed: '],
      { all: true },
    ],
    'changes nothing in a dry run': [
      [ours, unlabelled, one, done, done],
      [...before, 'patch default as if', 'remove as if', 'removed: default'],
      { dryRun: true },
    ],
    'leaves it where the label is there again': [
      [ours, labelled],
      ['read', 'labelled', 'kept: NamespaceLabelled'],
    ],
    'leaves it where nobody can say whether it is': [
      [ours, answer(200, '<html>')],
      ['read', 'labelled', 'failed: PruneFailed'],
    ],
    'leaves what others put data into': [
      [secret(manager('ecr-cred-helper'), manager('helm'))],
      ['read', 'kept: SecretTouchedByOthers'],
    ],
    'removes what others only labelled': [
      [secret(manager('ecr-cred-helper'), manager('kubectl', { 'f:metadata': {} })), unlabelled, none, done],
      [...before, 'remove', 'removed: '],
    ],
    'removes what we merged': [
      [secret(manager('ecr-cred-helper-merge')), unlabelled, none, done],
      [...before, 'remove', 'removed: '],
    ],
    'is content where it is gone': [[answer(404)], ['read', 'gone']],
    'is content where somebody else removes it meanwhile': [
      [ours, unlabelled, none, answer(404)],
      [...before, 'remove', 'gone'],
    ],
    'leaves what changed meanwhile': [
      [ours, unlabelled, none, conflict],
      [...before, 'remove', 'failed: SecretChanged'],
    ],
    'removes nothing where the accounts cannot be listed': [
      [ours, unlabelled, forbidden('list', 'serviceaccounts')],
      [...before, 'failed: ServiceAccountsForbidden'],
    ],
    'removes nothing where they cannot be changed': [
      [ours, unlabelled, one, forbidden('patch', 'serviceaccounts')],
      [...before, 'patch default as if', 'failed: ServiceAccountsForbidden'],
    ],
    'reads every page of accounts': [
      [
        ours,
        unlabelled,
        answer(200, { items: [account('a', 'ecr-creds')], metadata: { continue: 't' } }),
        none,
        done,
        done,
        done,
      ],
      [...before, 'accounts', 'patch a as if', 'remove', 'patch a', 'removed: a'],
    ],
    'looks again at an account that changed since it was read': [
      [ours, unlabelled, one, done, done, conflict, one, done],
      [...before, 'patch default as if', 'remove', 'patch default', 'accounts', 'patch default', 'removed: default'],
    ],
    'gives up on an account that keeps changing, and names it': [
      [ours, unlabelled, one, done, done, conflict, one, conflict, one, conflict],
      [
        ...before,
        'patch default as if',
        'remove',
        'patch default',
        'accounts',
        'patch default',
        'accounts',
        'patch default',
        'failed: ServiceAccountStillNames',
      ],
    ],
    'is done with an account that is gone by then': [
      [ours, unlabelled, one, done, done, answer(404)],
      [...before, 'patch default as if', 'remove', 'patch default', 'removed: default'],
    ],
    'tries again what fails for the moment': [
      [ours, busy, unlabelled, none, busy, done],
      ['read', 'labelled', 'labelled', 'accounts', 'remove', 'remove', 'removed: '],
    ],
  };
  for (const [title, [replies, told, wish]] of Object.entries(rows)) {
    it(title, () => assert.deepEqual(story(replies, wish), told));
  }

  it('that was given up says what had failed, and that the secret is gone where it is', () => {
    const job = pruning(place, { labelSelector: 'l=v', all: false, dryRun: false });
    assert.equal(unfinished(job), undefined);
    const early = unfinished({ ...job, last: busy });
    assert.equal(early?.[0] === 'failed' && early[1].code, 'PruneFailed');
    const late = unfinished({ ...job, job: { ...job.job, doing: 'takeOut' }, last: busy });
    assert.equal(late?.[0] === 'failed' && late[1].code, 'ServiceAccountStillNames');
  });
});

describe('a namespace is looked at closer', () => {
  const facts = secretFactsOf('shop');
  const entry: InventoryEntry = { namespace: 'shop', labelled: false, terminating: false, secret: facts };
  const cases: Record<string, [entry: InventoryEntry, all: boolean, is: boolean]> = {
    'where our secret is left without the label': [entry, false, true],
    'not where it carries the label': [{ ...entry, labelled: true }, false, false],
    'where it carries the label and all are to go': [{ ...entry, labelled: true }, true, true],
    'not where a secret of others has the name': [{ ...entry, secret: { ...facts, managedByUs: false } }, true, false],
    'not where the secret is being deleted': [{ ...entry, secret: { ...facts, terminating: true } }, true, false],
    'not where there is none': [{ namespace: 'shop', labelled: true, terminating: false }, true, false],
  };
  for (const [title, [each, all, is]] of Object.entries(cases)) {
    it(title, () => assert.equal(isCandidate(each, all), is));
  }
});

describe('a ServiceAccount', () => {
  it('that names the secret is found with each place where it does', () => {
    assert.deepEqual(namingAccount(account('a', 'ecr-creds', 'x', 'ecr-creds'), 'ecr-creds'), {
      name: 'a',
      at: [0, 2],
    });
  });
  it('that does not is passed over', () => {
    assert.equal(namingAccount(account('a', 'x'), 'ecr-creds'), undefined);
    assert.equal(namingAccount({ metadata: null, imagePullSecrets: 'x' }, 'ecr-creds'), undefined);
  });
  it('loses these entries alone, from the last on, and only where they still stand there', () => {
    assert.deepEqual(JSON.parse(removalPatch({ name: 'a', at: [0, 2] }, 'ecr-creds')), [
      { op: 'test', path: '/imagePullSecrets/0', value: { name: 'ecr-creds' } },
      { op: 'test', path: '/imagePullSecrets/2', value: { name: 'ecr-creds' } },
      { op: 'remove', path: '/imagePullSecrets/2' },
      { op: 'remove', path: '/imagePullSecrets/0' },
    ]);
  });
});

it('a prune ends with 0 where all that should go is gone, with 5 where not, and with the code of what ended it', () => {
  const counts = { removed: 1, kept: 1, gone: 1, failed: 0 };
  assert.equal(exitCodeOfPrune(counts, undefined), 0);
  assert.equal(exitCodeOfPrune({ ...counts, failed: 1 }, undefined), 5);
  const ended = failure('ApiUnreachable', { where: 'x', why: 'y', server: 'x' });
  assert.equal(exitCodeOfPrune(counts, ended), 4);
});
