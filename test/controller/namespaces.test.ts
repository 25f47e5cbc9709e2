import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { namespaceTable, type NamespaceTable } from '../../src/controller/namespaces.ts';
import { secretWritten, type NamespaceState } from '../../src/core/controller/namespace-state.ts';
import type { Facts } from '../../src/core/controller/watch-events.ts';
import { factsOf } from '../support/facts.ts';

type Row = {
  /** What happens, in turn. The last event is the one that is asked about. */
  events: ((table: NamespaceTable) => string[] | void)[];
  /** The namespaces that it names as changed. */
  changed: string[];
  /** What the table holds of `team` afterwards; absent: nothing. */
  holds?: Partial<NamespaceState>;
};

const facts = (changes: Partial<Facts> = {}): Facts => factsOf('team', changes);
const secretFacts = (resourceVersion: string, namespace = 'team'): Facts =>
  facts({ name: 'ecr-creds', namespace, resourceVersion, managedByUs: true, expiresAtMs: 1000 });

const labelled = (table: NamespaceTable) => table.namespaces.put(facts(), false);
const unlabelled = (table: NamespaceTable) => table.namespaces.gone(facts());
const deleted = (table: NamespaceTable) => table.namespaces.gone(facts({ terminating: true }));
const noneListed = (table: NamespaceTable) => table.namespaces.listed(new Set(), '20');
const secretAt = (resourceVersion: string, isListed = false) => {
  return (table: NamespaceTable) => table.secrets.put(secretFacts(resourceVersion), isListed);
};
const secretGoneAt = (resourceVersion: string) => {
  return (table: NamespaceTable) => table.secrets.gone(secretFacts(resourceVersion));
};
const noSecretListedAt = (resourceVersion: string) => (table: NamespaceTable) =>
  table.secrets.listed(new Set(), resourceVersion);
const secretListedAt = (resourceVersion: string) => (table: NamespaceTable) =>
  table.secrets.listed(new Set(['team']), resourceVersion);
/** As reconciling notes it. */
const written = (resourceVersion: string) => (table: NamespaceTable) => {
  const state = table.get('team');
  if (state !== undefined) state.written = { resourceVersion, expiresAtMs: 1000 };
};
const inTrouble = (table: NamespaceTable) => {
  const state = table.get('team');
  if (state === undefined) return;
  Object.assign(state, {
    failures: 3,
    problem: { code: 'NamespaceUnserved' },
    said: { code: 'NamespaceUnserved', atMs: 1 },
  });
  state.undone = { times: 9, lastMs: 1 };
};
const doubted = (table: NamespaceTable) => table.doubt();
/** As reconciling notes it when an answer comes. */
const answered = (resourceVersion: string) => (table: NamespaceTable) => {
  const state = table.get('team');
  if (state !== undefined) secretWritten(state, { resourceVersion, expiresAtMs: 1000 });
};
/** As whoever worked on it has done, and asks whether anything is left. */
const dropped = (table: NamespaceTable) => void table.dropped('team', 0);

const seen = (resourceVersion: string) => ({ resourceVersion, expiresAtMs: 1000, managedByUs: true, registries: [] });

/** As reconciling notes it of the secret as it stands. */
const judged = (table: NamespaceTable) => {
  const state = table.get('team');
  if (state !== undefined)
    Object.assign(state, { refusedAt: '7', newerAt: '7', written: { resourceVersion: '7', expiresAtMs: 1 } });
};

const rows: Record<string, Row> = {
  'what was judged of a secret before a restore means nothing afterwards': {
    events: [labelled, secretAt('7'), judged, (table) => table.restored()],
    changed: [],
    holds: { refusedAt: undefined, newerAt: undefined, written: undefined, secret: seen('7') },
  },
  'what was judged of a secret means nothing once the label is gone': {
    events: [labelled, secretAt('7'), judged, unlabelled],
    changed: ['team'],
    holds: { refusedAt: undefined, newerAt: undefined, written: undefined, secret: seen('7') },
  },
  'a namespace that gains the label is known from then on': {
    events: [labelled],
    changed: ['team'],
    holds: { labelled: true, wasLabelled: true, terminating: false, secret: undefined },
  },
  'one that is being deleted is marked as such': {
    events: [labelled, (table) => table.namespaces.put(facts({ terminating: true }), false)],
    changed: ['team'],
    holds: { labelled: true, terminating: true },
  },
  'one that loses the label and holds no secret is forgotten': {
    events: [labelled, dropped, unlabelled, dropped],
    changed: [],
  },
  'one that loses the label while the answer to a write is on its way is kept, for whoever prunes': {
    events: [labelled, unlabelled, answered('11'), dropped],
    changed: [],
    holds: { labelled: false, wasLabelled: true, written: { resourceVersion: '11', expiresAtMs: 1000 } },
  },
  'one that loses the label keeps its secret, and that it had the label': {
    events: [labelled, secretAt('11'), written('11'), unlabelled],
    changed: ['team'],
    holds: { labelled: false, wasLabelled: true, secret: seen('11'), written: undefined },
  },
  'with the label goes all that was wrong, but that it was said': {
    events: [labelled, secretAt('11'), inTrouble, unlabelled],
    changed: ['team'],
    holds: { failures: undefined, problem: undefined, refusedAt: undefined, undone: undefined },
  },
  'another namespace of the same name has not been told yet': {
    events: [
      labelled,
      secretAt('11'),
      inTrouble,
      unlabelled,
      (table) => table.namespaces.put(facts({ uid: 'other' }), false),
    ],
    changed: ['team'],
    holds: { labelled: true, said: { code: 'NamespaceUnserved', atMs: 1, isOfAnother: true } },
  },
  'one that gets its label back was told': {
    events: [labelled, secretAt('11'), inTrouble, unlabelled, labelled],
    changed: ['team'],
    holds: { labelled: true, said: { code: 'NamespaceUnserved', atMs: 1 } },
  },
  'one that is deleted with its secret there is not pruned: it is going away': {
    events: [labelled, secretAt('11'), deleted],
    changed: ['team'],
    holds: { labelled: false, terminating: true },
  },
  'losing a label that nobody knew of changes nothing': { events: [unlabelled], changed: [] },
  'a list without it takes the label of one whose loss was missed': {
    events: [labelled, secretAt('11'), noneListed],
    changed: ['team'],
    holds: { labelled: false, secret: seen('11') },
  },
  'a list that holds it changes nothing': {
    events: [labelled, (table) => table.namespaces.listed(new Set(['team']), '20')],
    changed: [],
    holds: { labelled: true },
  },
  'a list does not touch one that never had the label': {
    events: [secretAt('11'), noneListed],
    changed: [],
    holds: { labelled: false, secret: seen('11') },
  },
  'a secret in a namespace without the label is known': {
    events: [secretAt('11')],
    changed: ['team'],
    holds: { labelled: false, wasLabelled: false, secret: seen('11') },
  },
  'an event that is older than what was seen says nothing': {
    events: [labelled, secretAt('12'), secretAt('9')],
    changed: ['team'],
    holds: { secret: seen('12') },
  },
  'a list that is older does: the data of the server were restored': {
    events: [labelled, secretAt('12'), secretAt('9', true)],
    changed: ['team'],
    holds: { secret: seen('9') },
  },
  'a secret that we wrote and somebody deletes is a deed of others': {
    events: [labelled, secretAt('11'), written('11'), secretGoneAt('12')],
    changed: ['team'],
    holds: { labelled: true, secret: undefined, written: undefined, deleted: true },
  },
  'a deletion before our own write is old news': {
    events: [labelled, written('15'), secretGoneAt('12')],
    changed: ['team'],
    holds: { written: { resourceVersion: '15', expiresAtMs: 1000 }, deleted: undefined },
  },
  'a secret that goes where there is no label leaves nothing': {
    events: [secretAt('11'), secretGoneAt('12'), dropped],
    changed: [],
  },
  'a list without it tells of a secret whose deletion was missed': {
    events: [labelled, secretAt('11'), written('11'), noSecretListedAt('20')],
    changed: ['team'],
    holds: { secret: undefined, deleted: true },
  },
  'a list from before our write says nothing of it': {
    events: [labelled, written('25'), noSecretListedAt('20')],
    changed: [],
    holds: { written: { resourceVersion: '25', expiresAtMs: 1000 }, deleted: undefined },
  },
  'a list from after our write that does not have it tells of its deletion, though the watch never showed it': {
    events: [labelled, written('15'), noSecretListedAt('20')],
    changed: ['team'],
    holds: { secret: undefined, written: undefined, deleted: true },
  },
  'a list from after our write that has an older secret has not what we wrote: the data were restored': {
    events: [labelled, secretAt('12'), written('15'), secretAt('12', true), secretListedAt('20')],
    changed: ['team'],
    holds: { secret: seen('12'), written: undefined },
  },
  'a list from before our write may have an older secret': {
    events: [labelled, secretAt('12'), written('25'), secretAt('12', true), secretListedAt('20')],
    changed: [],
    holds: { written: { resourceVersion: '25', expiresAtMs: 1000 } },
  },
  'a deletion that overtook the answer to our write is weighed against it': {
    events: [labelled, secretAt('11'), secretGoneAt('12'), answered('11')],
    changed: [],
    holds: { secret: undefined, written: undefined, deleted: true },
  },
  'so is a list that overtook it': {
    events: [labelled, noSecretListedAt('20'), answered('11')],
    changed: [],
    holds: { secret: undefined, written: undefined, deleted: true },
  },
  'a deletion from before our write does not undo it': {
    events: [labelled, secretAt('11'), secretGoneAt('12'), answered('15')],
    changed: [],
    holds: { secret: undefined, written: { resourceVersion: '15', expiresAtMs: 1000 }, deleted: undefined },
  },
  'an event from before the deletion that was seen says nothing': {
    events: [labelled, secretAt('11'), secretGoneAt('15'), secretAt('12')],
    changed: ['team'],
    holds: { secret: undefined },
  },
  'what was written in another term, or before the data were restored, proves nothing': {
    events: [labelled, secretAt('11'), written('11'), doubted],
    changed: [],
    holds: { labelled: true, secret: seen('11'), written: undefined },
  },
};

describe('the table of namespaces', () => {
  for (const [title, { events, changed, holds }] of Object.entries(rows)) {
    it(title, () => {
      const table = namespaceTable();
      const told = events.map((event) => event(table) ?? []);
      assert.deepEqual(told.at(-1), changed);
      const state = table.get('team');
      if (holds === undefined) return assert.equal(state, undefined);
      assert.ok(state !== undefined, 'it is known');
      // What is absent is undefined.
      const asked = Object.keys(holds).map((key) => [key, Reflect.get(state, key)]);
      assert.deepEqual(Object.fromEntries(asked), holds);
    });
  }

  it('is in sync once both topics have been listed', () => {
    const table = namespaceTable();
    assert.equal(table.isSynced(), false);
    noneListed(table);
    assert.equal(table.isSynced(), false);
    noSecretListedAt('20')(table);
    assert.equal(table.isSynced(), true);
  });

  it('goes by the namespace in both topics', () => {
    const table = namespaceTable();
    assert.equal(table.namespaces.keyOf(facts({ name: 'a' })), 'a');
    assert.equal(table.secrets.keyOf(secretFacts('1', 'a')), 'a');
  });

  it('keeps what nearly all have once', () => {
    const table = namespaceTable();
    for (const name of ['a', 'b', 'c']) {
      const registries = name === 'c' ? ['other'] : ['registry'];
      table.secrets.put({ ...secretFacts('1', name), registries }, false);
    }
    const [a, b, c] = ['a', 'b', 'c'].map((name) => table.get(name)?.secret?.registries);
    assert.deepEqual([a, c], [['registry'], ['other']]);
    assert.equal(b, a);
  });

  it('keeps what we wrote and what the watch shows of it once', () => {
    const table = namespaceTable();
    for (const happens of [labelled, answered('12'), secretAt('12')]) happens(table);
    const { secret, written } = table.get('team') ?? {};
    assert.deepEqual(secret, seen('12'));
    assert.equal(written, secret);
    secretAt('13')(table);
    assert.equal(table.get('team')?.written?.resourceVersion, '12');
  });

  it('keeps no room for what few have', () => {
    const table = namespaceTable();
    labelled(table);
    const usual = Object.keys(table.get('team') ?? {});
    for (const happens of [answered('12'), secretAt('12'), secretListedAt('12'), doubted, unlabelled, labelled])
      happens(table);
    assert.deepEqual(Object.keys(table.get('team') ?? {}), usual);
  });

  it('drops one only when nothing is left of it', () => {
    const table = namespaceTable();
    labelled(table);
    assert.equal(table.dropped('team', 0), false);
    const state = table.get('team');
    if (state !== undefined) state.labelled = false;
    assert.equal(table.dropped('team', 0), true);
    assert.equal(table.dropped('team', 0), false);
  });
});
