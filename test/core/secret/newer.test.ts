import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isNewer, seemsNewer, type Described } from '../../../src/core/secret/newer.ts';

const hour = 3_600_000;
const gotAt = { wallMs: Date.UTC(2026, 0, 2), steadyMs: 1000 };
/** Two hours later, by both clocks. */
const now = { wallMs: gotAt.wallMs + 2 * hour, steadyMs: gotAt.steadyMs + 2 * hour };
const wanted = { hosts: ['a.example', 'b.example'], expiresAtMs: gotAt.wallMs + 12 * hour, gotAt };
const later: Described = {
  managedByUs: true,
  registries: ['a.example', 'b.example'],
  expiresAtMs: wanted.expiresAtMs + 1000,
};
const encoded = (text: string) => Buffer.from(text).toString('base64');
const usable = { auth: encoded('AWS:p') };

describe('a pull secret that stands there seems newer than what is to be written', () => {
  const cases: Record<string, [existing: Partial<Described>, newer: boolean]> = {
    'where another instance wrote one that expires later': [{}, true],
    'where it holds other registries, too': [{ registries: ['a.example', 'b.example', 'c.example'] }, true],
    'where it was issued a moment ago': [{ expiresAtMs: wanted.expiresAtMs + 2 * hour }, true],
    'where ours was a short one, and the other lives for as long as tokens do': [
      { expiresAtMs: wanted.expiresAtMs + 2 * hour + 12 * hour },
      true,
    ],
    'not where it would outlive a token that was issued this moment': [
      { expiresAtMs: wanted.expiresAtMs + 2 * hour + 12 * hour + 1 },
      false,
    ],
    'not where it says that it lives for thousands of years': [{ expiresAtMs: Date.UTC(9999, 0, 1) }, false],
    'not where it expires at the same time': [{ expiresAtMs: wanted.expiresAtMs }, false],
    'not where it expires earlier': [{ expiresAtMs: wanted.expiresAtMs - 1 }, false],
    'not where it does not say when it expires': [{ expiresAtMs: undefined }, false],
    'not where it lacks a registry that is wanted, however late it expires': [{ registries: ['a.example'] }, false],
    'not where others made it, whatever it says': [{ managedByUs: false }, false],
  };
  for (const [title, [changes, newer]] of Object.entries(cases)) {
    it(title, () => assert.equal(seemsNewer({ ...later, ...changes }, wanted, now), newer));
  }

  const latest = { ...later, expiresAtMs: wanted.expiresAtMs + 14 * hour };
  for (const [what, clocks] of Object.entries({
    'our clock was set back meanwhile': { wallMs: gotAt.wallMs - 10 * hour, steadyMs: now.steadyMs },
    'our machine slept meanwhile': { wallMs: now.wallMs, steadyMs: gotAt.steadyMs + 1 },
  })) {
    it(`where it was issued a moment ago, though ${what}`, () => assert.ok(seemsNewer(latest, wanted, clocks)));
  }
  it('not where it was issued before ours, and no time has passed by either clock', () => {
    assert.ok(!seemsNewer(latest, wanted, { ...gotAt, wallMs: gotAt.wallMs - hour }));
  });
});

describe('one that seems newer is', () => {
  const cases: Record<string, [config: unknown, newer: boolean]> = {
    'where it holds a login for each host': [{ auths: { 'a.example': usable, 'b.example': usable } }, true],
    'where a login is a user and a password': [
      { auths: { 'a.example': usable, 'b.example': { username: 'AWS', password: 'p' } } },
      true,
    ],
    'where a key is written as other tools write it': [
      { auths: { 'a.example': usable, 'https://B.example/v2/': usable } },
      true,
    ],
    'not where it holds none': [{ auths: {} }, false],
    'not where one host lacks a login': [{ auths: { 'a.example': usable } }, false],
    'not where a login is empty': [{ auths: { 'a.example': usable, 'b.example': {} } }, false],
    'not where a login has no password': [
      { auths: { 'a.example': usable, 'b.example': { auth: encoded('AWS:') } } },
      false,
    ],
    'not where a login is of another user': [
      { auths: { 'a.example': usable, 'b.example': { auth: encoded('me:p') } } },
      false,
    ],
    'not where a login that clients prefer is none, whatever stands beside it': [
      { auths: { 'a.example': usable, 'b.example': { auth: encoded('me:p'), username: 'AWS', password: 'p' } } },
      false,
    ],
    'not where logins are no object': [{ auths: ['a.example', 'b.example'] }, false],
    'not where it is no docker config': ['AWS:p', false],
  };
  for (const [title, [config, newer]] of Object.entries(cases)) {
    it(title, () => {
      const data = encoded(JSON.stringify(config));
      assert.equal(isNewer({ ...later, data }, wanted, now), newer);
    });
  }

  it('not where there are no data', () => assert.ok(!isNewer({ ...later, data: undefined }, wanted, now)));
  it('not where it does not even seem to be', () => {
    const data = encoded(JSON.stringify({ auths: { 'a.example': usable, 'b.example': usable } }));
    assert.ok(!isNewer({ ...later, data, expiresAtMs: wanted.expiresAtMs }, wanted, now));
  });
});
