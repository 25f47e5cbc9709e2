import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import type { Namespace } from '../../../src/core/api/pages.ts';
import { comesBefore, nextMerged, secretOrder, type InventoryEntry } from '../../../src/core/inventory/inventory.ts';
import { secretFactsOf } from '../../support/secrets.ts';

const namespace = (name: string): Namespace => ({ name, terminating: false });

/** Short names of which many are beginnings of others, with and without a dash. */
const names = fc.uniqueArray(fc.stringMatching(/^[ab](?:-?[ab01]){0,3}$/), { maxLength: 12 });

function byKey(a: string, b: string): number {
  return comesBefore(a, b) ? -1 : comesBefore(b, a) ? 1 : 0;
}

/** Namespaces as a server lists them: by name. */
function reordered(listed: readonly string[]): string[] {
  const order = secretOrder();
  const released = listed.toSorted().flatMap((name) => order.next(namespace(name)));
  return [...released, ...order.end()].map(({ name }) => name);
}

function merged(namespaces: readonly string[], secrets: readonly string[]): InventoryEntry[] {
  const entries: InventoryEntry[] = [];
  const [left, right] = [namespaces.map(namespace), secrets.map((name) => secretFactsOf(name))];
  for (let next = nextMerged(left[0], right[0]); next !== undefined; next = nextMerged(left[0], right[0])) {
    entries.push(next.entry);
    if (next.namespace !== undefined) left.shift();
    if (next.secret !== undefined) right.shift();
  }
  return entries;
}

describe('the inventory', () => {
  it('brings namespaces into the order in which etcd has their secrets', () => {
    fc.assert(fc.property(names, (listed) => assert.deepEqual(reordered(listed), listed.toSorted(byKey))));
  });

  it('has every namespace of both lists once, in order, with what either knows of it', () => {
    fc.assert(
      fc.property(names, names, (labelled, holding) => {
        const entries = merged(labelled.toSorted(byKey), holding.toSorted(byKey));
        const expected = [...new Set([...labelled, ...holding])].toSorted(byKey);
        assert.deepEqual(
          entries.map((entry) => entry.namespace),
          expected,
        );
        for (const entry of entries) {
          assert.equal(entry.labelled, labelled.includes(entry.namespace));
          assert.equal(entry.secret?.namespace, holding.includes(entry.namespace) ? entry.namespace : undefined);
        }
      }),
    );
  });

  it('is empty where there is nothing', () => assert.equal(nextMerged(undefined, undefined), undefined));
});
