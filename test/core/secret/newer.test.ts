import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isNewer, type Described } from '../../../src/core/secret/newer.ts';

const wanted = { hosts: ['a.example', 'b.example'], expiresAtMs: 10_000 };
const later: Described = { managedByUs: true, registries: ['a.example', 'b.example'], expiresAtMs: 11_000 };

describe('a pull secret that stands there is newer than what is to be written', () => {
  const cases: Record<string, [existing: Partial<Described>, newer: boolean]> = {
    'where another instance wrote one that expires later': [{}, true],
    'where it holds other registries, too': [{ registries: ['a.example', 'b.example', 'c.example'] }, true],
    'not where it expires at the same time': [{ expiresAtMs: 10_000 }, false],
    'not where it expires earlier': [{ expiresAtMs: 9000 }, false],
    'not where it does not say when it expires': [{ expiresAtMs: undefined }, false],
    'not where it lacks a registry that is wanted, however late it expires': [{ registries: ['a.example'] }, false],
    'not where others made it, whatever it says': [{ managedByUs: false }, false],
  };
  for (const [title, [changes, newer]] of Object.entries(cases)) {
    it(title, () => assert.equal(isNewer({ ...later, ...changes }, wanted), newer));
  }
});
