import { writeSync } from 'node:fs';
import { afterEach, beforeEach } from 'node:test';
import { WIRE, wireLine, type Told } from './wire.ts';

// Loaded before a test file. It writes at once, since a test that blocks the event loop lets no reporter speak.
const tell = (told: Told) => writeSync(WIRE, wireLine(told));
beforeEach((test) => void tell({ kind: 'begin', test: nameOf(test) }));
afterEach((test) => void tell({ kind: 'end', test: nameOf(test) }));

function nameOf(test: object): string {
  if ('fullName' in test && typeof test.fullName === 'string') return test.fullName;
  return 'name' in test ? String(test.name) : 'a test';
}
