import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isInClear } from '../../../src/core/text/in-clear.ts';

describe('what is sent to an address can be read on the way', () => {
  const cases: Record<string, boolean> = {
    'http://10.0.0.1:6443': true,
    'http://api.example': true,
    'http://localhost.example': true,
    'http://127.example': true,
    'http://[2001:db8::1]': true,
    'https://10.0.0.1:6443': false,
    'http://localhost:8001': false,
    'http://ecr.localhost': false,
    'http://127.0.0.1:8001': false,
    'http://127.1.2.3': false,
    'http://[::1]:8001': false,
  };
  for (const [address, inClear] of Object.entries(cases)) {
    it(`${address}: ${inClear ? 'yes' : 'no'}`, () => assert.equal(isInClear(new URL(address)), inClear));
  }
});
