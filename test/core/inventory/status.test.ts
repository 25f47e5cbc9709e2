import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  contentManagers,
  secretFacts,
  type InventoryEntry,
  type SecretFacts,
} from '../../../src/core/inventory/inventory.ts';
import {
  countsLine,
  exitCodeOfCounts,
  judgeStatus,
  noCounts,
  remedyLines,
  statusDocument,
  type StatusCode,
} from '../../../src/core/inventory/status.ts';
import { secretFactsOf } from '../../support/secrets.ts';

const hourMs = 3_600_000;
const nowMs = Date.UTC(2026, 0, 2);
const valid = secretFactsOf('shop', {
  registries: ['a.example'],
  refreshedAtMs: nowMs - hourMs,
  expiresAtMs: nowMs + 6 * hourMs,
  managers: ['ecr-cred-helper'],
});
const entry = (changes: Partial<InventoryEntry> = {}, secret: Partial<SecretFacts> = {}): InventoryEntry => ({
  namespace: 'shop',
  labelled: true,
  terminating: false,
  secret: { ...valid, ...secret },
  ...changes,
});

describe('the state of a namespace', () => {
  const cases: Record<string, [entry: InventoryEntry, code: StatusCode | undefined]> = {
    'is valid': [entry(), 'PullSecretValid'],
    'is valid where we merged': [entry({}, { managers: ['ecr-cred-helper-merge', 'helm'] }), 'PullSecretValid'],
    'is valid by its label where the server tells no managers': [entry({}, { managers: [] }), 'PullSecretValid'],
    'is that it is missing': [{ namespace: 'shop', labelled: true, terminating: false }, 'PullSecretMissing'],
    'is that it is being deleted': [entry({ terminating: true }), 'NamespaceTerminating'],
    'is that its secret is being deleted': [entry({}, { terminating: true }), 'NamespaceTerminating'],
    'is that it lost its label': [entry({ labelled: false }), 'LabelLost'],
    'is nothing where a secret of others merely has the name': [
      entry({ labelled: false }, { managedByUs: false }),
      undefined,
    ],
    'is that others made the secret': [entry({}, { managedByUs: false }), 'PullSecretOfOthers'],
    'is that others wrote over it': [entry({}, { managers: ['helm'] }), 'SecretHasOtherWriters'],
    'is that nobody knows when it expires': [entry({}, { expiresAtMs: undefined }), 'ExpiryUnknown'],
    'is expired at the end of its token': [entry({}, { expiresAtMs: nowMs }), 'PullSecretExpired'],
    'is expiring in the last quarter of its life': [
      entry({}, { expiresAtMs: nowMs + 3 * hourMs - 1 }),
      'PullSecretExpiring',
    ],
    'is not expiring before that': [entry({}, { expiresAtMs: nowMs + 3 * hourMs }), 'PullSecretValid'],
  };
  for (const [title, [each, code]] of Object.entries(cases)) {
    it(title, () => assert.equal(judgeStatus(each, nowMs)?.code, code));
  }

  it('is told to machines whole, with what mends it', () => {
    const status = judgeStatus(entry({}, { expiresAtMs: nowMs - 1500 }), nowMs);
    assert.ok(status !== undefined);
    assert.deepEqual(statusDocument(status, 'ecr-creds', nowMs), {
      namespace: 'shop',
      labelled: true,
      secret: 'ecr-creds',
      registries: ['a.example'],
      refreshedAt: '2026-01-01T23:00:00Z',
      expiresAt: '2026-01-01T23:59:58Z',
      expiresInSeconds: -2,
      managers: ['ecr-cred-helper'],
      state: 'PullSecretExpired',
      problem: true,
      fix: 'Look at what runs this program (doctor), or run a pass (refresh) now.',
    });
  });
});

describe('the counts of all', () => {
  const counts = { ...noCounts(), PullSecretValid: 2, NamespaceTerminating: 1, PullSecretMissing: 1 };
  it('are a line, the good news first', () => {
    assert.equal(countsLine(counts), '4 namespaces: 2 valid, 1 terminating, 1 missing');
    assert.equal(countsLine(noCounts()), '0 namespaces');
    assert.equal(countsLine({ ...noCounts(), PullSecretValid: 1 }), '1 namespace: 1 valid');
  });
  it('have a remedy for each kind of problem', () => {
    assert.deepEqual(
      remedyLines(counts).map((line) => line.slice(0, 27)),
      ['missing (PullSecretMissing)'],
    );
  });
  it('end with 5 where anything is to be done, and with 0 where not', () => {
    assert.equal(exitCodeOfCounts(counts), 5);
    assert.equal(exitCodeOfCounts({ ...counts, PullSecretMissing: 0 }), 0);
  });
});

describe('who wrote a secret', () => {
  const managedFields = [
    { manager: 'helm', fieldsV1: { 'f:data': { 'f:.dockerconfigjson': {} } } },
    { manager: 'helm', fieldsV1: { 'f:data': { 'f:.dockerconfigjson': {} } } },
    { manager: 'kubectl', fieldsV1: { 'f:metadata': {} } },
    { manager: 'other', fieldsV1: { 'f:data': { 'f:more': {} } } },
    null,
  ];
  it('is who owns its login, once', () =>
    assert.deepEqual(secretFacts({ metadata: { managedFields } })?.managers, ['helm']));
  it('is, for a prune, who owns anything but its metadata', () => {
    assert.deepEqual(contentManagers(managedFields), ['helm', 'other']);
    assert.deepEqual(contentManagers('x'), []);
  });
  it('is nobody where it has no metadata', () => assert.equal(secretFacts({ metadata: null }), undefined));
});
