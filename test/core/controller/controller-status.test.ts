import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  controllerStatus,
  whyNotReady,
  type ControllerStatus,
} from '../../../src/core/controller/controller-status.ts';
import { unknownNamespace, type NamespaceState } from '../../../src/core/controller/namespace-state.ts';
import { pullSecret } from '../../../src/core/secret/pull-secret.ts';

const now = { isLeading: true, isSynced: true, isCut: false, hasCaughtUp: true, depth: 2, delayed: 1 };
const token = { hosts: ['a.example', 'b.example'], password: 'p', issuedAtMs: 0, expiresAtMs: 50_000 };
const secret = pullSecret('ecr-creds', [token], { wallMs: 0, steadyMs: 0 });

function namespaces(...states: Partial<NamespaceState>[]): [string, NamespaceState][] {
  return states.map((state, index) => [`n-${index}`, { ...unknownNamespace(), labelled: true, ...state }]);
}

describe("the controller's status", () => {
  it('counts labelled namespaces by the state of their secret, and no others', () => {
    const written = { resourceVersion: '1', expiresAtMs: 50_000 };
    const states = namespaces(
      { written },
      { written },
      {},
      { labelled: false, written },
      { terminating: true, written },
    );
    const { secrets } = controllerStatus(now, states, secret, 1000);
    assert.deepEqual(secrets, { valid: 2, expired: 0, missing: 1, failed: 0, refused: 0, contended: 0 });
  });

  it('names each registry with the expiry of its token', () => {
    const status = controllerStatus(now, [], secret, 1000);
    assert.equal(status.hasToken, true);
    assert.deepEqual(status.tokens, [
      { host: 'a.example', expiresAtMs: 50_000 },
      { host: 'b.example', expiresAtMs: 50_000 },
    ]);
  });

  it('has no token before ECR has given one', () => {
    const { hasToken, tokens } = controllerStatus(now, [], undefined, 1000);
    assert.deepEqual({ hasToken, tokens }, { hasToken: false, tokens: [] });
  });
});

describe('whether the controller is ready', () => {
  const ready = controllerStatus(now, [], secret, 1000);
  const cases: Record<string, [changes: Partial<ControllerStatus>, why: string | undefined]> = {
    'a leader that has served every namespace it knows is': [{}, undefined],
    'a standby in sync is, token or not': [{ isLeading: false, hasToken: false, hasCaughtUp: false }, undefined],
    'nobody is before it is in sync': [
      { isSynced: false, isLeading: false },
      'namespaces and secrets are not in sync yet',
    ],
    'nobody is that cannot see what happens, a leader that has served all neither': [
      { isCut: true },
      'the API server does not let namespaces, secrets or the Lease be seen',
    ],
    'a leader without a token is not': [{ hasToken: false }, 'ECR has given no token yet'],
    'a leader with work left from the start is not': [
      { hasCaughtUp: false },
      'not every namespace has been served yet',
    ],
  };
  for (const [title, [changes, why]] of Object.entries(cases)) {
    it(title, () => assert.equal(whyNotReady({ ...ready, ...changes }), why));
  }
});
