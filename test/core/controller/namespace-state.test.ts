import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { failure, type FailureCode } from '../../../src/core/failures/errors.ts';
import {
  judgeNamespace,
  secretStatusOf,
  secretWritten,
  unknownNamespace,
  type NamespaceState,
  type NamespaceStep,
  type SecretStatus,
} from '../../../src/core/controller/namespace-state.ts';

const wanted = { hosts: ['a.example'], expiresAtMs: 50_000, gotAt: { wallMs: 0, steadyMs: 0 } };
const now = { wallMs: 1000, steadyMs: 1000 };
const ours = { resourceVersion: '11', expiresAtMs: 50_000, registries: ['a.example'], managedByUs: true };
const written = { resourceVersion: '11', expiresAtMs: 50_000 };
const facts = { where: 'team/ecr-creds', why: 'no', namespace: 'team', secret: 'ecr-creds', verb: 'patch' };
const fought = { times: 6, lastMs: 0 };

type Row = { state: Partial<NamespaceState>; step: NamespaceStep; prune?: boolean; wanted?: typeof wanted | null };

const rows: Record<string, Row> = {
  'no label: nothing': { state: { labelled: false, secret: ours }, step: ['nothing', 'NotLabelled'] },
  'it lost the label and holds our secret, and pruning is on: pruned': {
    state: { labelled: false, wasLabelled: true, secret: ours },
    prune: true,
    step: ['prune', 'LabelLost'],
  },
  'the same with pruning off: left': {
    state: { labelled: false, wasLabelled: true, secret: ours },
    step: ['nothing', 'NotLabelled'],
  },
  'a secret where the label was never seen is not pruned': {
    state: { labelled: false, secret: ours },
    prune: true,
    step: ['nothing', 'NotLabelled'],
  },
  'a secret of others is not pruned': {
    state: { labelled: false, wasLabelled: true, secret: { ...ours, managedByUs: false } },
    prune: true,
    step: ['nothing', 'NotLabelled'],
  },
  'a namespace that is being deleted takes its secret with it': {
    state: { labelled: false, wasLabelled: true, terminating: true, secret: ours },
    prune: true,
    step: ['nothing', 'NotLabelled'],
  },
  'being deleted: nothing': { state: { terminating: true }, step: ['nothing', 'NamespaceTerminating'] },
  'no token yet: nothing': { state: {}, wanted: null, step: ['nothing', 'NoToken'] },
  'a token that has expired, or seems to by a clock that was set: looked at again soon': {
    state: {},
    wanted: { ...wanted, expiresAtMs: 1000 },
    step: ['wait', 'TokenExpired', 11_000],
  },
  'the same where nothing is to be done: nothing': {
    state: { secret: ours, written: { ...written, expiresAtMs: 1000 } },
    wanted: { ...wanted, expiresAtMs: 1000 },
    step: ['nothing', 'SecretUpToDate'],
  },
  'it lost the label while our write was on its way, and pruning is on: pruned': {
    state: { labelled: false, wasLabelled: true, written },
    prune: true,
    step: ['prune', 'LabelLost'],
  },
  'no secret: applied': { state: {}, step: ['apply', 'SecretMissing'] },
  'a secret that this process has not written: proven': { state: { secret: ours }, step: ['apply', 'SecretUnproven'] },
  'what we wrote stands: nothing': { state: { secret: ours, written }, step: ['nothing', 'SecretUpToDate'] },
  'what we wrote has another token: renewed': {
    state: { secret: ours, written: { ...written, expiresAtMs: 40_000 } },
    step: ['apply', 'TokenRenewed'],
  },
  'others changed what we wrote: put right': {
    state: { secret: { ...ours, resourceVersion: '12' }, written },
    step: ['apply', 'SecretAltered'],
  },
  'the watch is still on its way to our own write: nothing': {
    state: { secret: { ...ours, resourceVersion: '9' }, written },
    step: ['nothing', 'SecretUpToDate'],
  },
  'it seems that another instance wrote a newer token: looked at': {
    state: { secret: { ...ours, expiresAtMs: 60_000 } },
    step: ['apply', 'SecretSeemsNewer'],
  },
  'another instance wrote a newer token: left': {
    state: { secret: { ...ours, expiresAtMs: 60_000 }, newerAt: '11' },
    step: ['nothing', 'SecretIsNewer'],
  },
  'that was changed since: looked at again': {
    state: { secret: { ...ours, expiresAtMs: 60_000 }, newerAt: '10' },
    step: ['apply', 'SecretSeemsNewer'],
  },
  'a newer one of which ours is the newer by now: renewed': {
    state: { secret: ours, newerAt: '11' },
    wanted: { ...wanted, expiresAtMs: 60_000 },
    step: ['apply', 'SecretUnproven'],
  },
  'somebody wrote on it that it lives for ever: put right': {
    state: { secret: { ...ours, resourceVersion: '12', expiresAtMs: Date.UTC(9999, 0, 1) }, written },
    step: ['apply', 'SecretAltered'],
  },
  'it seems newer and was refused as it stands: nothing': {
    state: { secret: { ...ours, expiresAtMs: 60_000 }, refusedAt: '11' },
    step: ['nothing', 'SecretRefused'],
  },
  'a newer one that lacks a registry of ours: applied': {
    state: { secret: { ...ours, expiresAtMs: 60_000, registries: [] } },
    step: ['apply', 'SecretUnproven'],
  },
  'a secret of others that says it is newer: looked at by the server': {
    state: { secret: { ...ours, expiresAtMs: 60_000, managedByUs: false } },
    step: ['apply', 'SecretUnproven'],
  },
  'refused, and still the same: nothing': {
    state: { secret: ours, refusedAt: '11' },
    step: ['nothing', 'SecretRefused'],
  },
  'refused, and changed since: tried again': {
    state: { secret: { ...ours, resourceVersion: '12' }, refusedAt: '11' },
    step: ['apply', 'SecretUnproven'],
  },
  'others keep undoing our work: not before its time': {
    state: { secret: { ...ours, resourceVersion: '12' }, written, undone: fought },
    step: ['wait', 'SecretContended', 60_000],
  },
  'it was served often in a row for what others did: not before its time': {
    state: { touched: { times: 11, lastMs: 0 } },
    step: ['wait', 'TouchedTooOften', 20_000],
  },
  'it was served a few times in a row: served at once': {
    state: { touched: { times: 9, lastMs: 1000 } },
    step: ['apply', 'SecretMissing'],
  },
  'a renewal does not wait for that either': {
    state: { secret: ours, written: { ...written, expiresAtMs: 40_000 }, touched: { times: 20, lastMs: 1000 } },
    step: ['apply', 'TokenRenewed'],
  },
  'a renewal does not wait for that': {
    state: { secret: ours, written: { ...written, expiresAtMs: 40_000 }, undone: fought },
    step: ['apply', 'TokenRenewed'],
  },
};

function stateWith(changes: Partial<NamespaceState>): NamespaceState {
  return { ...unknownNamespace(), labelled: true, ...changes };
}

describe('what to do about a namespace', () => {
  for (const [title, { state, step, prune = false, wanted: other = wanted }] of Object.entries(rows)) {
    it(title, () => assert.deepEqual(judgeNamespace(stateWith(state), other ?? undefined, prune, now), step));
  }
});

describe('the status of a secret, the worst that is true', () => {
  const cases: Record<string, [state: Partial<NamespaceState>, status: SecretStatus]> = {
    'valid where a token that lives stands there': [{ secret: ours }, 'valid'],
    'valid as soon as it is written, before the watch shows it': [{ written }, 'valid'],
    'missing where there is none': [{}, 'missing'],
    'failed where there is none because it could not be written': [
      { problem: failure('SecretForbidden', facts) },
      'failed',
    ],
    'failed where one lives that could not be renewed': [
      { secret: ours, problem: failure('SecretForbidden', facts) },
      'failed',
    ],
    'expired where its token is': [{ secret: { ...ours, expiresAtMs: 1000 } }, 'expired'],
    'expired where nobody knows': [{ secret: { ...ours, expiresAtMs: undefined } }, 'expired'],
    'contended while others fight us': [{ secret: ours, undone: fought }, 'contended'],
    'refused before all': [
      { secret: ours, refusedAt: '11', problem: failure('SecretTypeDiffers', facts), undone: fought },
      'refused',
    ],
  };
  for (const [title, [state, status]] of Object.entries(cases)) {
    it(title, () => assert.equal(secretStatusOf(stateWith(state), now.wallMs), status));
  }
});

describe('what was wrong, once the secret has been written', () => {
  const after = (code: FailureCode, undone: NamespaceState['undone']) => {
    const state = stateWith({ problem: failure(code, facts), undone });
    secretWritten(state, written);
    return state.problem?.code;
  };

  it('is over', () => assert.equal(after('NamespaceUnserved', undefined), undefined));

  it('is over as well where it kept changing while it was looked at, and nobody undid what we wrote', () => {
    assert.equal(after('SecretContended', undefined), undefined);
    assert.equal(after('SecretContended', { times: 2, lastMs: 0 }), undefined);
  });

  it('is not over while another party keeps undoing it', () => {
    assert.equal(after('SecretContended', fought), 'SecretContended');
    assert.equal(after('NamespaceUnserved', fought), undefined);
  });
});
