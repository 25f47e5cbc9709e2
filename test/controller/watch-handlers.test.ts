import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { namespaceTable } from '../../src/controller/namespaces.ts';
import { watchHandlers } from '../../src/controller/watch-handlers.ts';
import { factsOf } from '../support/facts.ts';

type Stage = ReturnType<typeof stage>;

/** A namespace, `team`, with its label, and what is told of it. */
function stage() {
  const table = namespaceTable();
  const told: string[] = [];
  const now = { isKept: true, ms: 0 };
  const backlog = { look: () => undefined, lookAtAll: () => undefined } as never; // nothing else is asked of it
  const log = (_: string, message: string, keys: Readonly<Record<string, unknown>> = {}) =>
    void told.push(`${message} ${String(keys['namespace'])} ${String(keys['reason'])}`);
  const clock = { nowMs: () => now.ms, steadyMs: () => now.ms, sleep: () => Promise.resolve() };
  const { namespaces, secrets } = watchHandlers(table, backlog, { clock, log }, () => now.isKept);
  const secret = factsOf('ecr-creds', { namespace: 'team', managedByUs: true });
  namespaces.put(factsOf('team'), false);
  secrets.put(secret, false);
  return { table, told, now, namespaces, secrets, secret };
}

describe('a namespace that loses its label and keeps its secret', () => {
  const kept = ['Namespace lost its label team SecretKept'];
  const lost = ({ namespaces }: Stage) => namespaces.gone(factsOf('team'));
  const cases: Record<string, [happens: (stage: Stage) => void, told: string[]]> = {
    'is told of': [lost, kept],
    'is told of once': [(at) => (lost(at), lost(at)), kept],
    'is told of once an hour where the label comes and goes': [
      (at) => {
        for (let minutes = 0; minutes < 100; minutes += 1) {
          lost(at);
          at.namespaces.put(factsOf('team'), false);
          at.now.ms += 60_000;
        }
      },
      [...kept, ...kept],
    ],
    'is told of where a list shows it': [({ namespaces }) => namespaces.listed(new Set(), '20'), kept],
    'is told of where what was written has not been seen': [
      (at) => {
        at.secrets.gone({ ...at.secret, resourceVersion: '11' });
        Object.assign(at.table.get('team') ?? {}, { written: { resourceVersion: '12', expiresAtMs: 1 } });
        lost(at);
      },
      kept,
    ],
    'is nothing to speak of where it still stands in the list': [
      ({ namespaces }) => namespaces.listed(new Set(['team']), '20'),
      [],
    ],
    'is nothing to speak of where it is deleted': [
      ({ namespaces }) => namespaces.gone(factsOf('team', { terminating: true })),
      [],
    ],
    'is nothing to speak of where the secret is that of others': [
      (at) => {
        at.secrets.put({ ...at.secret, resourceVersion: '11', managedByUs: false }, false);
        lost(at);
      },
      [],
    ],
    'is nothing to speak of where another replica leads, or the secret is removed': [
      (at) => {
        at.now.isKept = false;
        lost(at);
      },
      [],
    ],
    'is another thing than a secret that was deleted': [
      ({ secrets, secret }) => secrets.gone({ ...secret, resourceVersion: '11' }),
      [],
    ],
  };
  for (const [title, [happens, told]] of Object.entries(cases)) {
    it(title, () => {
      const at = stage();
      happens(at);
      assert.deepEqual(
        at.told.filter((line) => !line.startsWith('In sync')),
        told,
      );
    });
  }
});
